/** The packages that hold the add-on of one platform each; an installer takes the one that fits, by os, cpu and libc of their package.json. */

/** Also the names of the folders that scripts/release makes. */
export const platforms = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64",
  "linux-arm64-musl",
  "linux-x64",
  "linux-x64-musl",
  "win32-arm64",
  "win32-x64",
] as const;

/** Version of the C library where it is glibc. */
export function glibcVersion(): string | undefined {
  const header = (process.report?.getReport() as { header?: { glibcVersionRuntime?: string } } | undefined)?.header;
  return header?.glibcVersionRuntime;
}

/** The package that an installer should have brought here, where there is one. */
export function platformPackage(): string | undefined {
  const { platform, arch } = process;
  const libc = platform === "linux" && glibcVersion() === undefined ? "-musl" : "";
  const name = `${platform}-${arch}${libc}`;
  return platforms.some((known) => known === name) ? `tickforge-${name}` : undefined;
}

/** The binary of an installed one. Some installers do not know libc and bring both: this process's decides then. */
export function platformBinary(resolve: (name: string) => string): string | undefined {
  const { platform, arch } = process;
  const there = [`tickforge-${platform}-${arch}`, `tickforge-${platform}-${arch}-musl`].flatMap((name) => {
    try {
      return [resolve(name)];
    } catch {
      return [];
    }
  });
  return there.length > 1 && glibcVersion() === undefined ? there[1] : there[0];
}
