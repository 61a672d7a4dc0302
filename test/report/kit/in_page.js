// Runs inside the page under test, put there by browser.test.ts.

const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

function rgba(colour) {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = colour;
  canvas.fillRect(0, 0, 1, 1);
  const [red, green, blue, alpha] = canvas.getImageData(0, 0, 1, 1).data;
  return [red, green, blue, alpha / 255];
}

/** Relative luminance of WCAG 2. */
function luminance(colour) {
  const [red, green, blue] = colour.slice(0, 3).map((v) => (v / 255 <= 0.04045 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const over = (top, under) => [0, 1, 2].map((i) => top[i] * top[3] + under[i] * (1 - top[3])).concat(1);

function paintOf(element) {
  const { fill, backgroundColor } = getComputedStyle(element);
  if (!(element instanceof SVGElement)) return rgba(backgroundColor);
  const painted = element instanceof SVGGeometryElement && fill !== "none" && !fill.startsWith("url");
  return painted ? rgba(fill) : [0, 0, 0, 0];
}

/** The contrast of a text with what is painted below its middle; 0 where the text cannot be found there. */
function contrastOf(node) {
  const element = node.parentElement;
  element.scrollIntoView({ block: "center", inline: "start" });
  const range = document.createRange();
  range.selectNodeContents(node);
  const box = range.getClientRects()[0];
  const stack = document.elementsFromPoint(box.left + box.width / 2, box.top + box.height / 2);
  if (!stack.some((layer) => layer === element || element.contains(layer) || layer.contains(element))) return 0;
  const ground = stack.reverse().reduce((under, layer) => over(paintOf(layer), under), [255, 255, 255, 1]);
  const { fill, color } = getComputedStyle(element);
  const ink = over(rgba(element instanceof SVGElement ? fill : color), ground);
  const [light, dark] = [luminance(ink), luminance(ground)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}

globalThis.contrast = () => {
  const below = [];
  let texts = 0;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || element.closest("script,title,desc") || !element.checkVisibility()) continue;
    const ratio = contrastOf(node);
    texts++;
    if (ratio < 4.5) below.push({ text: node.textContent.slice(0, 40), ratio });
  }
  return { texts, below };
};

/** Texts of a chart that leave their picture or lie on another text. */
globalThis.badlyPlacedTexts = () => {
  const bad = [];
  for (const picture of document.querySelectorAll("svg[role=img]")) {
    if (!picture.checkVisibility()) continue;
    const frame = picture.getBoundingClientRect();
    const boxes = [...picture.querySelectorAll("text")].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() }));
    boxes.forEach(({ text, box }, i) => {
      const beside = box.left < frame.left - 0.5 || box.right > frame.right + 0.5;
      if (beside || box.top < frame.top - 3 || box.bottom > frame.bottom + 3) bad.push(`outside: ${text}`);
      for (const other of boxes.slice(i + 1)) {
        const across = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
        const down = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
        // Boxes hold room for accents and tails: a few pixels shared are not letters that touch.
        if (across > 1 && down > 5) bad.push(`${text} on ${other.text}`);
      }
    });
  }
  return bad;
};

globalThis.openDetails = () => {
  for (const details of document.querySelectorAll("details")) details.open = true;
};

/** Name and description of every picture that is shown, as they are read aloud. */
globalThis.spoken = () =>
  [...document.querySelectorAll("svg[role=img]")]
    .filter((picture) => picture.checkVisibility())
    .map((picture) =>
      ["aria-labelledby", "aria-describedby"].map((name) => document.getElementById(picture.getAttribute(name))?.textContent ?? ""),
    );

globalThis.kindsShown = () =>
  [...document.querySelectorAll("svg[role=img]")]
    .filter((picture) => picture.checkVisibility())
    .map((picture) => picture.getAttribute("class"));

/** Of every chart over time that is shown: where its axis begins and ends, and each label of it with its middle, in whole pixels. */
globalThis.timeAxes = () =>
  [...document.querySelectorAll("svg[role=img]")]
    .filter((picture) => picture.checkVisibility() && picture.querySelector(":scope > .grid") && !picture.querySelector(".bin"))
    .map((picture) => {
      const rule = [...picture.querySelectorAll(".rule")].map((path) => path.getBoundingClientRect());
      const low = rule.sort((a, b) => b.bottom - a.bottom)[0];
      const labels = [...picture.querySelectorAll("text.tick")].filter((text) => text.getBoundingClientRect().top > low.top);
      const middle = (box) => Math.round((box.left + box.right) / 2);
      return {
        ends: [Math.round(low.left), Math.round(low.right)],
        labels: labels
          .map((text) => `${text.textContent} ${middle(text.getBoundingClientRect())}`)
          .filter((label) => !label.startsWith("truth")),
        seams: picture.querySelectorAll(".seam").length,
      };
    });

/** Short values of a box, a number with its unit, that are broken over lines. */
globalThis.brokenValues = () =>
  [...document.querySelectorAll(".box dd")]
    .filter((value) => value.checkVisibility() && value.textContent.length <= 16)
    .filter((value) => {
      const range = document.createRange();
      range.selectNodeContents(value);
      return new Set([...range.getClientRects()].map((box) => Math.round(box.top))).size > 1;
    })
    .map((value) => value.textContent);

/** Mean lightness, 0 to 255, of the three uppermost rows of a picture, where no text is, `from` to `to` pixels from its right end. */
globalThis.lightness = async (base64, from, to) => {
  const picture = new Image();
  picture.src = `data:image/png;base64,${base64}`;
  await picture.decode();
  const sheet = document.createElement("canvas").getContext("2d");
  [sheet.canvas.width, sheet.canvas.height] = [picture.width, picture.height];
  sheet.drawImage(picture, 0, 0);
  const { data } = sheet.getImageData(picture.width - to, 0, to - from, 3);
  return data.reduce((sum, value, i) => (i % 4 < 3 ? sum + value : sum), 0) / ((3 * data.length) / 4);
};

/** Colours of strokes by class name: of the line, of the line over it, and of the marks on it. */
globalThis.strokes = () => {
  const of = (name) => luminance(rgba(getComputedStyle(document.querySelector(name)).stroke));
  const apart = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  const [line, over, mark] = [".line", ".over", ".cross"].map(of);
  return {
    marker: getComputedStyle(document.querySelector("svg[role=img] .breach")).markerMid,
    line: apart(mark, line),
    over: apart(mark, over),
  };
};

/** Headings that paper may part from what they head, and sections whose chart it may. */
globalThis.loose = () => {
  const breaking = (name, side) => [...document.querySelectorAll(name)].filter((element) => getComputedStyle(element)[side] !== "avoid");
  const drawn = [...document.querySelectorAll("section")].filter((section) => section.querySelector(":scope > figure"));
  const parted = drawn.filter((section) => getComputedStyle(section).breakInside !== "avoid").map(({ id }) => id);
  return [...breaking("h2,h3,caption", "breakAfter").map(({ textContent }) => textContent), ...(drawn.length ? parted : ["no chart"])];
};
