import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from 'test-support/published-packages';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileExamples } from './compile-examples.mjs';
import { readDocumentExamples } from './document-examples.mjs';
import { extractPublicApi } from './extract-public-api.mjs';
import { readApiModel } from './read-api-model.mjs';

const howToUpdate = `The public API differs from the committed report. If you mean the change, run
"npx -y pnpm@12.21.0 api:update" and commit the files in packages/*/api.`;

const folder = mkdtempSync(join(tmpdir(), 'public-api-'));
let extracted: ReturnType<typeof extractPublicApi>;
beforeAll(() => {
  extracted = extractPublicApi(folder);
});
afterAll(() => rmSync(folder, { recursive: true }));

const apiOf = (name: string) => extracted.filter(({ packageName }) => packageName === name);
const itemsOf = (name: string) =>
  apiOf(name).flatMap(({ specifier, modelFile }) => {
    const { exports, members } = readApiModel(modelFile);
    return [
      ...exports.map((item) => ({ ...item, specifier, isExport: true })),
      ...members.map((item) => ({ ...item, specifier, isExport: false })),
    ];
  });

describe.each(publishedPackages)('the public API of $name', ({ name, folder: packageFolder }) => {
  it('is what the committed API reports say', () => {
    const committed = readReports(fileURLToPath(new URL('api', packageFolder)));
    expect(committed, howToUpdate).toEqual(readReports(join(folder, name)));
  });

  it('exports every type that it uses', () => {
    const exported = itemsOf(name).map((item) => item.name);
    const used = apiOf(name).flatMap(({ unexported }) => unexported);
    expect(used.filter((type) => !exported.includes(type))).toEqual([]);
  });

  it('has a docstring at every export', () => {
    const exports = itemsOf(name).filter(({ isExport }) => isExport);
    const documented = new Set(exports.filter(({ docstring }) => docstring.trim() !== '').map(nameInFile));
    expect(new Set(exports.map(nameInFile).filter((each) => !documented.has(each)))).toEqual(new Set());
  });

  it('has an example at every function', () => {
    const functions = itemsOf(name).filter(({ isExport, kind }) => isExport && kind === 'Function');
    const withExample = new Set(functions.filter((item) => examplesOf(item).length > 0).map(nameInFile));
    expect(new Set(functions.map(nameInFile).filter((each) => !withExample.has(each)))).toEqual(new Set());
  });
});

it('the examples of all docstrings and documents compile', () => {
  const examples = [
    ...readDocumentExamples(),
    ...publishedPackages.flatMap(({ name }) => docstringExamples(name)),
  ];
  expect(examples.length).toBeGreaterThan(publishedPackages.length);
  expect(compileExamples(examples)).toEqual([]);
});

const docstringExamples = (packageName: string) =>
  itemsOf(packageName).flatMap((item) =>
    examplesOf(item).map((code, index) => ({
      packageName,
      title: `${item.specifier}.${item.name}.${index + 1}`,
      code,
    })),
  );

/** One line per function, whatever its overloads. */
const nameInFile = ({ name, file }: { readonly name: string; readonly file: string }) => `${file}: ${name}`;

function examplesOf({ docstring }: { readonly docstring: string }): string[] {
  const [, ...sections] = docstring.split(/^@example\b/m);
  return sections.flatMap((section) =>
    [...section.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code),
  );
}

function readReports(from: string): Record<string, string> {
  const names = existsSync(from) ? readdirSync(from).filter((name) => name.endsWith('.md')) : [];
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(from, name), 'utf8')]));
}
