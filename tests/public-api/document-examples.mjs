import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from 'test-support/published-packages';

const repository = fileURLToPath(new URL('../..', import.meta.url));

/** The Markdown files that people read: the READMEs of the repository and of its packages, and `docs`. */
const documents = ['.', 'docs', ...publishedPackages.map(({ name }) => `packages/${name}`)].flatMap(
  (folder) =>
    readdirSync(join(repository, folder))
      .filter((name) => name.endsWith('.md') && name !== 'CHANGELOG.md')
      .map((name) => join(folder, name)),
);

/**
 * Reads the `ts` blocks of all documents. What a block leaves out is declared in an HTML comment in front of it:
 * `<!-- declare const jwt: string; -->`.
 *
 * @returns {import('./compile-examples.mjs').Example[]}
 */
export function readDocumentExamples() {
  return documents.flatMap((document) => {
    const text = readFileSync(join(repository, document), 'utf8');
    const blocks = [...text.matchAll(/(?:^<!-- (declare [^>]*?) -->\n\n?)?^```ts\n(.*?)^```$/gms)];
    return blocks.map(([, declarations = '', code = ''], index) => ({
      packageName: packageWithImportsOf(document, code),
      title: `${document}.${index + 1}`,
      code: `${declarations}\n${code}`,
    }));
  });
}

/**
 * Returns the package that an example belongs to: that of its document, else the first that has all its imports.
 *
 * @param {string} document
 * @param {string} code
 */
function packageWithImportsOf(document, code) {
  const [, own] = /^packages\/([^/]+)\//.exec(document) ?? [];
  if (own !== undefined) return own;
  const imported = [...code.matchAll(/from '((?:@[^/']+\/)?[^/'.]+)/g)].map(([, name = '']) => name);
  const others = imported.filter((name) => !publishedPackages.some((each) => each.name === name));
  const found = publishedPackages.find(({ folder }) =>
    others.every((name) => name.startsWith('node:') || existsSync(new URL(`node_modules/${name}`, folder))),
  );
  if (found === undefined) throw new Error(`no package has all of ${others.join(', ')}, for ${document}`);
  return found.name;
}
