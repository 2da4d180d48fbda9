// Writes the pages that other parts of the repository hold: the reference of `docs`, the decisions, the READMEs of the packages and
// their examples, each with its links turned into links of the site.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, extname, join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = fileURLToPath(new URL('..', import.meta.url));
const repository = fileURLToPath(new URL('../../..', import.meta.url));
const packages = readdirSync(join(repository, 'packages'));
const examples = packages.flatMap(examplesOf);

for (const folder of ['reference', 'decisions', 'packages', 'examples', 'public']) {
  rmSync(join(site, folder), { recursive: true, force: true });
}
for (const name of filesIn('docs')) {
  if (extname(name) === '.svg') copy(`docs/${name}`, `reference/${name}`);
  if (extname(name) === '.md') write(`reference/${name}`, convert(`docs/${name}`));
}
const decisions = filesIn('docs/decisions').filter((name) => extname(name) === '.md');
for (const name of decisions) write(`decisions/${name}`, convert(`docs/decisions/${name}`));
write('decisions/index.md', listDecisions());
for (const name of packages) write(`packages/${name}.md`, convert(`packages/${name}/README.md`));
for (const name of filesIn('packages/agent-identity-console/pictures')) {
  copy(`packages/agent-identity-console/pictures/${name}`, `packages/${name}`);
}
for (const path of examples) write(examplePage(path), showExample(path));
copyInspector();

/** The examples of a package, as paths in the repository; files of their own support are left out. */
function examplesOf(/** @type {string} */ name) {
  const folder = `packages/${name}/examples`;
  return filesIn(folder).flatMap((file) => {
    const path = `${folder}/${file}`;
    if (!statSync(join(repository, path)).isDirectory()) return [path];
    return file === 'support' ? [] : filesIn(path).map((inner) => `${path}/${inner}`);
  });
}

/** @returns {string[]} */
function filesIn(/** @type {string} */ folder) {
  try {
    return readdirSync(join(repository, folder)).sort();
  } catch {
    return [];
  }
}

/** Reads a Markdown file, and turns its links to files of the repository into links to pages. */
function convert(/** @type {string} */ path) {
  const text = readFileSync(join(repository, path), 'utf8');
  return text.replace(
    /(!?)\[([^\]]*)\]\((?!https?:|#)([^)#]+)(#[^)]*)?\)/g,
    (_, image, label, target, anchor = '') => {
      const file = posix.normalize(posix.join(dirname(path), target)).replace(/\/$/, '');
      if (image) return `![${label}](./${basename(file)})`;
      const page = pageOf(file);
      return page === undefined ? label : `[${label}](/${page}${anchor})`;
    },
  );
}

/** The page that shows a file or folder of the repository; `undefined` if there is none. */
function pageOf(/** @type {string} */ file) {
  if (file === 'docs/decisions') return 'decisions/';
  const [, name = '', rest] = /^packages\/([^/]+)(?:\/(.+))?$/.exec(file) ?? [];
  if (packages.includes(name) && (rest === undefined || rest === 'README.md')) return `packages/${name}`;
  if (examples.includes(file)) return examplePage(file).replace(/\.md$/, '');
  if (/^docs\/decisions\/[^/]+\.md$/.test(file)) return file.replace(/^docs\//, '').replace(/\.md$/, '');
  return /^docs\/[^/]+\.md$/.test(file) ? file.replace(/^docs/, 'reference').replace(/\.md$/, '') : undefined;
}

function examplePage(/** @type {string} */ path) {
  return `${path.replace(/^packages\/([^/]+)\/examples\//, 'examples/$1/').replaceAll('.', '-')}.md`;
}

function showExample(/** @type {string} */ path) {
  const languages = { '.ts': 'ts', '.mjs': 'js', '.lua': 'lua', '.conf': 'nginx' };
  const language = Object.entries(languages).find(([ending]) => path.endsWith(ending))?.[1] ?? 'txt';
  const source = readFileSync(join(repository, path), 'utf8').trimEnd();
  return `# ${basename(path)}\n\nThe file \`${path}\` of the repository. The tests run it.\n\n~~~${language}\n${source}\n~~~\n`;
}

function listDecisions() {
  const items = decisions.map((name) => {
    const [title = name] = readFileSync(join(repository, 'docs/decisions', name), 'utf8').split('\n');
    return `- [${title.replace(/^#\s*/, '')}](./${name.replace(/\.md$/, '')})`;
  });
  return `# Decisions\n\nWhy things are as they are.\n\n${items.join('\n')}\n`;
}

/** The inspector is a page of the console package. It is served as it is, beside the pages of the site; the console is not. */
function copyInspector() {
  copy('packages/agent-identity-console/dist/pages', 'public/inspector');
  rmSync(join(site, 'public/inspector/index.html'));
  copy('packages/agent-identity-console/app/icon.svg', 'public/icon.svg');
}

function copy(/** @type {string} */ from, /** @type {string} */ to) {
  mkdirSync(dirname(join(site, to)), { recursive: true });
  cpSync(join(repository, from), join(site, to), { recursive: true });
}

function write(/** @type {string} */ path, /** @type {string} */ text) {
  mkdirSync(dirname(join(site, path)), { recursive: true });
  writeFileSync(join(site, path), text);
}

console.log(`wrote the pages of ${relative(process.cwd(), repository) || '.'}`);
