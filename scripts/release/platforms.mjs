// The packages of a release that hold the add-on for one platform each, and the file in prebuilds/ that each is made of. The names are those
// of src/addon/platform.ts.
const linux = (cpu) =>
  ["glibc", "musl"].map((libc) => ({
    name: `tickforge-linux-${cpu}${libc === "musl" ? "-musl" : ""}`,
    file: `linux-${cpu}/tickforge.${libc}.node`,
    fits: { os: ["linux"], cpu: [cpu], libc: [libc] },
  }));
const other = (os, cpu) => ({ name: `tickforge-${os}-${cpu}`, file: `${os}-${cpu}/tickforge.node`, fits: { os: [os], cpu: [cpu] } });

export const platforms = [
  ...["x64", "arm64"].flatMap(linux),
  ...["darwin", "win32"].flatMap((os) => ["x64", "arm64"].map((cpu) => other(os, cpu))),
];
