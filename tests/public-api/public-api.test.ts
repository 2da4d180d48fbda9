import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { publishedPackages } from '../published-packages.mjs';
import { compileExamples } from './compile-examples.mjs';
import { readDocumentExamples } from './document-examples.mjs';
import { extractPublicApi } from './extract-public-api.mjs';
import { readApiModel } from './read-api-model.mjs';

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

function examplesOf({ docstring }: { readonly docstring: string }): string[] {
  const [, ...sections] = docstring.split(/^@example\b/m);
  return sections.flatMap((section) =>
    [...section.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code),
  );
}
