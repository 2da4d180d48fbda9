// Writes each page as Markdown beside its HTML, and `llms.txt`, the list of them (llmstxt.org).
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = fileURLToPath(new URL('..', import.meta.url));
const output = join(site, '.vitepress/dist');
const folders = ['guides', 'reference', 'packages', 'api', 'examples', 'decisions'];
const titles = {
  guides: 'Guides',
  reference: 'Reference',
  packages: 'Packages',
  api: 'API',
  examples: 'Examples',
  decisions: 'Decisions',
};

const sections = folders.map((folder) => {
  const pages = readdirSync(join(site, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .sort();
  const items = pages.map((name) => {
    const path = `${folder}/${name}`;
    return `- [${publish(path)}](/${path})`;
  });
  return `## ${titles[/** @type {keyof typeof titles} */ (folder)]}\n\n${items.join('\n')}\n`;
});
publish('start.md');
const summary =
  'Agent Identity for TypeScript: agents sign for themselves, services verify them, teams issue identities.';
const first = '- [Start in five minutes](/start.md)';
writeFileSync(
  join(output, 'llms.txt'),
  `# Agent Identity\n\n> ${summary}\n\n${first}\n\n${sections.join('\n')}`,
);

/** Copies a page without its front matter and with the code that it includes. Returns its title. */
function publish(/** @type {string} */ path) {
  const text = readFileSync(join(site, path), 'utf8')
    .replace(/^---\n.*?\n---\n/s, '')
    .replace(/^<<< (\S+?)(?:\{(\w+)\})?$/gm, (_, file, language = 'js') => {
      const source = readFileSync(join(site, dirname(path), file), 'utf8').trimEnd();
      return `\`\`\`${language}\n${source}\n\`\`\``;
    });
  mkdirSync(dirname(join(output, path)), { recursive: true });
  writeFileSync(join(output, path), text);
  return /^# (.+)$/m.exec(text)?.[1] ?? path;
}
