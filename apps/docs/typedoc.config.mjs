// The API reference: one page for each entry point of the packages, from the docstrings.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { publishedPackages } from 'test-support/published-packages';

// An entry point is re-exported by a file of its own, so that the page has the name that programs import.
const folder = fileURLToPath(new URL('.typedoc/', import.meta.url));
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder);
const specifiers = publishedPackages.flatMap(({ entryPoints }) =>
  entryPoints.map(({ specifier }) => specifier),
);
const entryPoints = specifiers.map((specifier) => {
  const path = `${folder}${specifier.replaceAll('/', '.')}.ts`;
  writeFileSync(path, `/** @module ${specifier} */\nexport * from '${specifier}';\n`);
  return path;
});
const compilerOptions = {
  module: 'nodenext',
  target: 'es2023',
  types: ['node'],
  strict: true,
  skipLibCheck: true,
};
writeFileSync(`${folder}tsconfig.json`, JSON.stringify({ compilerOptions, files: entryPoints }));

/** @type {Partial<import('typedoc').TypeDocOptions> & Record<string, unknown>} */
const options = {
  plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'],
  entryPoints,
  tsconfig: `${folder}tsconfig.json`,
  out: 'api',
  docsRoot: '.',
  outputFileStrategy: 'modules',
  disableSources: true,
  excludePrivate: true,
  // The members that interfaces of Node and other libraries bring along.
  excludeExternals: true,
  externalPattern: ['**/node_modules/**'],
  readme: 'none',
  hideBreadcrumbs: true,
  hidePageHeader: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  typeAliasPropertiesFormat: 'table',
  enumMembersFormat: 'table',
  sort: ['alphabetical'],
  validation: { notExported: false, invalidLink: true },
  logLevel: 'Warn',
};
export default options;
