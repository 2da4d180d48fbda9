import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';

const site = fileURLToPath(new URL('..', import.meta.url));

/** The links to the pages of a folder, with their titles. */
function pagesIn(/** @type {string} */ folder) {
  const names = readdirSync(`${site}${folder}`).filter((name) => name.endsWith('.md') && name !== 'index.md');
  return names.sort().map((name) => {
    const [, text = name] = /^# (.+)$/m.exec(readFileSync(`${site}${folder}/${name}`, 'utf8')) ?? [];
    return { text, link: `/${folder}/${name.replace(/\.md$/, '')}` };
  });
}

const guides = [
  'issue-identities',
  'protect-my-service',
  'sign-from-my-agent',
  'sandboxed-agents',
  'mcp',
  'codex-cli',
  'move-from-bearer-tokens',
  'operate',
  'comparison',
];
const guidePages = pagesIn('guides');
const api = JSON.parse(readFileSync(`${site}api/typedoc-sidebar.json`, 'utf8'));

export default defineConfig({
  lang: 'en',
  title: 'Agent Identity',
  description:
    'Agent Identity for TypeScript: agents sign for themselves, services verify them, teams issue them.',
  cleanUrls: true,
  srcExclude: ['**/README.md', 'test/**'],
  head: [['link', { rel: 'icon', type: 'image/svg+xml', href: '/icon.svg' }]],
  // The inspector is served beside the pages of the site.
  ignoreDeadLinks: [/^\/inspector\//],
  themeConfig: {
    logo: '/icon.svg',
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Guides', link: '/guides/' },
      { text: 'Reference', link: '/reference/protocol' },
      { text: 'API', link: '/api/' },
      { text: 'Inspector', link: '/inspector/inspector.html', target: '_self' },
    ],
    sidebar: [
      { text: 'Start in five minutes', link: '/start' },
      {
        text: 'Guides',
        link: '/guides/',
        items: guides.map(
          (name) => guidePages.find(({ link }) => link === `/guides/${name}`) ?? { text: name },
        ),
      },
      { text: 'Reference', collapsed: false, items: pagesIn('reference') },
      { text: 'Packages', collapsed: true, items: pagesIn('packages') },
      { text: 'API', collapsed: true, link: '/api/', items: api },
      { text: 'Decisions', collapsed: true, link: '/decisions/', items: pagesIn('decisions') },
    ],
  },
});
