// Writes what ui/ holds but nobody edits: the libraries, byte for byte from the locked npm
// packages, and the catalogues as a module (the window's policy allows no request for JSON).
// `--check` writes nothing and fails where a copy differs.
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const packages = join(here, "..", "node_modules");
const ui = join(here, "..", "..", "ui");

/** Target folder under ui/vendor -> package and files, kept in the package's own layout. */
const copies = [
  {
    to: "lit-html",
    from: "lit-html",
    files: [
      "LICENSE",
      "lit-html.js",
      "directive.js",
      "directive-helpers.js",
      "directives/live.js",
      "directives/repeat.js",
    ],
  },
  {
    to: "tauri",
    from: "@tauri-apps/api",
    files: ["LICENSE-APACHE-2.0", "LICENSE-MIT", "core.js", "external/tslib/tslib.es6.js"],
  },
];

/** @returns {Promise<Map<string, Buffer>>} every file with the content it must have */
export async function expected() {
  const files = new Map();
  for (const { to, from, files: names } of copies) {
    for (const name of names) {
      files.set(join("vendor", to, name), await readFile(join(packages, from, name)));
    }
  }
  const catalogues = await Promise.all(
    ["en", "ko"].map(async (language) => {
      const text = await readFile(join(ui, "i18n", `${language}.json`), "utf8");
      return `export const ${language} = ${text.trim()};\n`;
    }),
  );
  const head = "// Written by tests/ui/vendor.mjs from the JSON beside it; edit that.\n";
  files.set(join("i18n", "catalogues.js"), Buffer.from(head + catalogues.join("\n")));
  return files;
}

/** @returns {Promise<string[]>} what is wrong, one line each; empty when all is as it must be */
export async function differences() {
  const wanted = await expected();
  const wrong = [];
  for (const [path, content] of wanted) {
    const found = await readFile(join(ui, path)).catch(() => null);
    if (!found?.equals(content)) wrong.push(`ui/${path} differs from its origin`);
  }
  const vendor = join(ui, "vendor");
  const entries = await readdir(vendor, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    const path = relative(ui, join(entry.parentPath ?? entry.path, entry.name));
    if (entry.isFile() && !wanted.has(path)) wrong.push(`ui/${path} has no origin`);
  }
  return wrong;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--check")) {
    const wrong = await differences();
    if (wrong.length > 0) {
      console.error(`${wrong.join("\n")}\nrun: npm run vendor`);
      process.exitCode = 1;
    }
  } else {
    for (const [path, content] of await expected()) {
      await mkdir(dirname(join(ui, path)), { recursive: true });
      await writeFile(join(ui, path), content);
    }
  }
}
