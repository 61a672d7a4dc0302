/**
 * The one style sheet of the reports. Colours are those of Okabe & Ito (2008), made darker or lighter only where text lies on
 * them. Shapes differ too: hatching, dots, dashes and direction say the same as the colours.
 */
const light = `--page:#fff;--panel:#f6f8fa;--text:#1b1f24;--soft:#4d565f;--line:#d0d7de;--grid:#e6eaee;--link:#005a8f;--data:#0072b2;
--up:#0072b2;--down:#d55e00;--band:#74b0d6;--alarm:#b87400;--alarm-fill:#e69f0033;--truth:#a8477f;--limit:#b34700;--shade:#1b1f2466;
--h0:#e3eff8;--h1:#b4d7ee;--h2:#74b5df;--h3:#1d74ad;--h4:#00426b;--t0:#1b1f24;--t1:#1b1f24;--t2:#101418;--t3:#fff;--t4:#fff;--u0:#0072b21a;--u1:#0072b24d;--u2:#0072b280;--d0:#d55e001a;--d1:#d55e004d;--d2:#d55e0080`;
const dark = `--page:#101418;--panel:#181e24;--text:#e8ebee;--soft:#a9b3bd;--line:#3b454f;--grid:#252d35;--link:#7cc4f0;--data:#56b4e9;
--up:#56b4e9;--down:#f08a3c;--band:#34688b;--alarm:#e69f00;--alarm-fill:#e69f0030;--truth:#e29ac4;--limit:#f0a060;--shade:#e8ebee70;
--h0:#1a2833;--h1:#1c435f;--h2:#225f8a;--h3:#56b4e9;--h4:#bfe4fa;--t0:#e8ebee;--t1:#f2f5f7;--t2:#fff;--t3:#101418;--t4:#101418;--u0:#56b4e926;--u1:#56b4e94d;--u2:#56b4e980;--d0:#f08a3c26;--d1:#f08a3c4d;--d2:#f08a3c80`;

const signed = ["d0", "d1", "d2", "u0", "u1", "u2"].map((c) => `.${c}{background:var(--${c});fill:var(--${c})}`).join("");
const classes = [0, 1, 2, 3, 4]
  .map((i) => `.h${i}{fill:var(--h${i})}svg .t${i}{fill:var(--t${i})}.s${i}{background:var(--h${i})}`)
  .join("");

/** On paper, whatever the screen has. */
export const paper = `@media print{:root{color-scheme:light;${light}}}`;

/** As variables, which the page of a running system shares. */
export const colours = `:root{color-scheme:light dark;${light}}
@media (prefers-color-scheme:dark){:root{${dark}}}`;

export const style = `${colours}
${paper}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
font-variant-numeric:tabular-nums;print-color-adjust:exact;-webkit-print-color-adjust:exact}
main,header,footer{max-width:1040px;margin:0 auto;padding:0 20px}
header{padding-top:32px}
h1{font-size:1.75rem;line-height:1.2;margin:0}
h2{font-size:1.2rem;line-height:1.3;margin:0 0 4px}h2,.box p{overflow-wrap:anywhere}
h3{font-size:1.05rem;line-height:1.3;margin:0 0 4px}section section{margin:28px 0}
p{margin:0 0 10px;max-width:75ch}
a{color:var(--link)}
.under{color:var(--soft);margin:6px 0 18px;overflow-wrap:anywhere}
.answer{font-size:1.1rem;font-weight:600;margin:0 0 4px}
.soft,footer{color:var(--soft);font-size:.9rem}
section{margin:40px 0}
figure,tr,.box,.tiles,.key{break-inside:avoid}
h2,h3,.soft,caption{break-after:avoid}
figure{margin:8px 0 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:10px;margin:18px 0}
.tiles div{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:10px 12px;min-width:0;overflow-wrap:anywhere}
.tiles dt{color:var(--soft);font-size:.85rem}
.tiles dd{margin:0;font-size:1.3rem;font-weight:600;line-height:1.3}
.tiles small{display:block;font-size:.8rem;font-weight:400;color:var(--soft)}
.box{background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:14px 16px;margin:14px 0}
.box h2,.box h3{font-size:1rem}
.box dl{margin:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,330px),1fr));gap:4px 32px}
.box dl div{display:flex;justify-content:space-between;gap:12px;border-bottom:1px solid var(--line);padding:3px 0}
.box dt{color:var(--soft)}
.box dd{margin:0;text-align:right;overflow-wrap:anywhere;min-width:45%}.box dd.whole{overflow-wrap:normal;white-space:nowrap;min-width:0;flex:none}
.box ul{margin:6px 0 2px;padding-left:20px}
.notice{border-left:5px solid var(--truth);background:var(--panel);padding:10px 14px;margin:14px 0}
.empty{border:1px dashed var(--soft);border-radius:6px;padding:18px;background:var(--panel)}
code,pre{font:.875rem/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere;white-space:pre-wrap}
.flag{white-space:nowrap}pre{margin:0 0 10px;padding:8px 10px;background:var(--page);border:1px solid var(--line);border-radius:4px}
svg{display:block;width:100%;height:auto}
svg{font-family:inherit;fill:var(--text)}
svg .tick,svg .axis{font-size:13px;fill:var(--soft)}
svg .cell{font-size:13px}svg .note{font-size:11px}
svg .mark{font-size:12px;font-weight:600}
.narrow{display:none;max-width:480px;margin:0 auto}
.narrow .tick,.narrow .axis{font-size:12px}
.grid{stroke:var(--grid);fill:none}.seam{stroke:var(--soft);stroke-dasharray:1 4;fill:none}.rule{stroke:var(--soft);fill:none}
.line{stroke:var(--data);stroke-width:1.5;fill:none;stroke-linejoin:round}
.dots{stroke:var(--data);stroke-width:6;stroke-linecap:round;fill:none}
.up{stroke:var(--up);stroke-width:1.4;fill:none}.down{stroke:var(--down);stroke-width:1.4;fill:none}
.thick{stroke-width:4}.band{fill:var(--band);fill-opacity:.6;stroke:var(--band);stroke-width:.8}
.over{stroke:var(--limit);stroke-width:1.6;fill:none}.breach{fill:none;stroke:none;marker:url(#cross)}.narrow .breach{marker:url(#cross-narrow)}.cross{stroke:var(--text);stroke-width:1.5;fill:none}
.faint{stroke-opacity:.5;stroke-width:1}.lowest{stroke:var(--down);stroke-width:1.5;stroke-dasharray:6 3;fill:none}.between{stroke:var(--soft);stroke-width:.9;fill:none}
.meter{display:inline-block;height:10px;background:var(--up);vertical-align:middle;min-width:1px}.meter.minus{background:var(--down)}
.months td,.months th{padding:0 1px 1px 0;border:0}.months tbody th{padding-right:8px}.months i{font-style:normal;display:block;padding:3px 6px;min-width:44px}
${signed}
.sign{stroke:var(--page);stroke-width:.7}.ups{fill:var(--up)}.downs{fill:var(--down)}
.bin{fill:var(--band);stroke:var(--page);stroke-width:.6}.bin.tail{fill:var(--down)}
.threshold{stroke:var(--limit);stroke-width:1.5;stroke-dasharray:7 4;fill:none}
.alarm{fill:url(#hatch)}.alarm-mark{fill:var(--alarm)}.truth{fill:url(#dotted);stroke:var(--truth);stroke-width:.8}
.hatch-ground{fill:var(--alarm-fill)}.hatch-line{stroke:var(--alarm);stroke-width:1.2}
.dotted-dot{fill:var(--truth)}
${classes}
.he{fill:none;stroke:var(--grid)}
.key{list-style:none;display:flex;flex-wrap:wrap;gap:4px 18px;margin:8px 0 0;padding:0;font-size:.85rem;color:var(--soft)}
.key li{display:flex;align-items:center;gap:7px}
.key svg{width:26px;height:14px;flex:none}
.swatch{width:22px;height:14px;border:1px solid var(--line);display:inline-block;flex:none}
details{margin:8px 0 0;font-size:.9rem}details+.soft{margin-top:26px}
summary{cursor:pointer;color:var(--link)}
.scroll{overflow-x:auto;margin:8px 0 20px;background:linear-gradient(90deg,var(--page) 40%,transparent) 0/36px 100% no-repeat local,
linear-gradient(270deg,var(--page) 40%,transparent) 100%/36px 100% no-repeat local,linear-gradient(90deg,var(--shade),transparent) 0/14px 100% no-repeat,
linear-gradient(270deg,var(--shade),transparent) 100%/14px 100% no-repeat}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--link);outline-offset:2px}
table{border-collapse:collapse;font-size:.9rem;min-width:50%}
caption{text-align:left;color:var(--soft);padding:0 0 6px}caption span{display:block;position:sticky;left:0;max-width:min(75ch,calc(100vw - 28px))}
th,td{padding:4px 12px 4px 0;text-align:right;border-bottom:1px solid var(--line);white-space:nowrap;vertical-align:top}
thead th{color:var(--soft);font-weight:600;vertical-align:bottom;white-space:normal}
tbody th{font-weight:400}
.w{text-align:left}@media(min-width:681px){.whole{white-space:nowrap;flex:none}}.words{white-space:normal;display:inline-block;max-width:70ch;min-width:16em}
td small{color:var(--soft);display:block}
.here{outline:2px solid var(--data);outline-offset:1px;padding:0 4px;font-weight:700}
footer{padding-top:8px;padding-bottom:40px;border-top:1px solid var(--line)}
@media (max-width:680px){.wide{display:none}.narrow{display:block}main,header,footer{padding-left:14px;padding-right:14px}h1{font-size:1.45rem}section{margin:32px 0}.box dl div{flex-wrap:wrap}.box dd{margin-left:auto}tbody th a{display:inline-block;white-space:normal;overflow-wrap:anywhere;min-width:8em}}
@media print{.wide{display:block}.narrow{display:none}body{font-size:11pt}main,header,footer{max-width:none;padding:0}section{margin:18pt 0}section:has(>figure){break-inside:avoid}.box{break-inside:auto}.box dl div,.box li{break-inside:avoid}thead{break-after:avoid}tbody tr:nth-child(-n+2){break-before:avoid}.scroll{overflow:visible;background:none}details{display:none}table{font-size:8.5pt}th,td{padding-right:8px}}
@page{margin:14mm}`;

const cross = (id: string, size: number): string =>
  `<marker id="${id}" viewBox="0 0 8 8" markerUnits="userSpaceOnUse" markerWidth="${size}" markerHeight="${size}" refX="4" refY="4">` +
  `<path class="cross" d="M1.2,1.2l5.6,5.6m0,-5.6l-5.6,5.6"/></marker>`;

/** Patterns are kept in a picture of no size: browsers do not paint from one that is not displayed. */
export const patterns = `<svg width="0" height="0" aria-hidden="true" focusable="false" style="position:absolute;width:0;height:0"><defs>
<pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="hatch-ground" d="M0,0h6v6H0z"/><path class="hatch-line" d="M0,0v6"/></pattern>
<pattern id="dotted" width="4" height="4" patternUnits="userSpaceOnUse"><path class="dotted-dot" d="M1,1h1.8v1.8H1z"/></pattern>
${cross("cross", 8)}${cross("cross-narrow", 5)}
</defs></svg>`;
