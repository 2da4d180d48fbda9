import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

function listFiles(...patterns: string[]): string[] {
  const output = execFileSync('git', ['ls-files', ...patterns], { cwd: root, encoding: 'utf8' });
  return output.split('\n').filter((path) => path !== '' && existsSync(join(root, path)));
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The anchors of a page's headings, as GitHub derives them. */
function anchorsOf(page: string): string[] {
  const headings = page.replaceAll(/```[\s\S]*?```/g, '').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Describes each relative link of a page whose file or heading does not exist. */
function findBrokenLinks(path: string): string[] {
  const page = read(path);
  return [...page.matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]*))?\)/g)]
    .filter(([, file = '', anchor]) => {
      const target = file === '' ? path : join(dirname(path), file);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchorsOf(read(target)).includes(anchor);
    })
    .map(([link]) => `${path}: ${link.slice(2, -1)}`);
}

describe('the Markdown pages', () => {
  // The links of the site are for its own addresses; its build checks them.
  const pages = listFiles('*.md', '.github/*.md', ':!apps/docs');

  it('have no broken relative links', () => {
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.flatMap(findBrokenLinks)).toEqual([]);
  });

  it('of packages have at most 120 lines', () => {
    const readmes = listFiles('packages/*/README.md');
    expect(readmes.length).toBeGreaterThan(5);
    expect(readmes.filter((path) => read(path).trimEnd().split('\n').length > 120)).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  const page = read('docs/architecture.md');

  it('draws the path from a JWT to a header with names that exist in the code', () => {
    const [, drawing = ''] = /## From a JWT to a header\n[\s\S]*?```\n([\s\S]*?)```/.exec(page) ?? [];
    const names = new Set(drawing.match(/(?<![\w/.-])[A-Za-z]*[a-z][A-Z]\w*/g) ?? []);
    const code = listFiles('packages/*/src/**/*.ts').map(read).join('\n');
    expect(names.size).toBeGreaterThan(30);
    expect([...names].filter((name) => !new RegExp(`\\b${name}\\b`).test(code))).toEqual([]);
  });

  it('links every package', () => {
    for (const path of listFiles('packages/*/package.json')) {
      expect(page).toContain(`](../${dirname(path)})`);
    }
  });
});

describe('references to docs/protocol.md', () => {
  it('name sections that exist', () => {
    const sections = [...read('docs/protocol.md').matchAll(/^## (\d+)\. /gm)].map(([, number]) => number);
    expect(sections).toEqual(Array.from({ length: 13 }, (_, i) => String(i + 1)));
    const references = listFiles('packages/**/*.ts', 'tests/**/*.mjs', 'tests/**/*.ts').flatMap((path) =>
      [...read(path).matchAll(/docs\/protocol\.md[\s*]+sections?[\s*]+(\d+)/g)].map(([, number]) => ({
        path,
        number,
      })),
    );
    expect(references.length).toBeGreaterThan(50);
    expect(references.filter(({ number }) => !sections.includes(number))).toEqual([]);
  });
});
