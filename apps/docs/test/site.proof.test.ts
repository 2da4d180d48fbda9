import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Browser } from 'playwright-core';
import { listenOnLoopback } from 'test-support';
import { launchChromium } from 'test-support/chromium';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const folder = fileURLToPath(new URL('..', import.meta.url));
const output = join(folder, '.vitepress/dist');
const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.svg': 'image/svg+xml',
};

let browser: Browser;

beforeAll(async () => {
  // Fails for a link to a page that does not exist.
  await promisify(execFile)('npm', ['run', 'site'], { cwd: folder, maxBuffer: 1e8 });
  browser = await launchChromium();
}, 600_000);
afterAll(() => browser.close());

/** Serves the site as a static host does: a path without an ending is a page. */
async function serveSite(): Promise<string> {
  return listenOnLoopback(async ({ url = '/' }, response) => {
    const path = join(output, new URL(url, 'http://site').pathname.replace(/\/$/, '/index'));
    const file = [path, `${path}.html`].find((name) => extname(name) !== '' && existsSync(name));
    if (file === undefined) return void response.writeHead(404).end();
    const headers = { 'content-type': types[extname(file)] ?? 'application/octet-stream' };
    response.writeHead(200, headers).end(await readFile(file));
  });
}

describe('the documentation site', () => {
  it.each([
    ['/', 'Agents sign for themselves'],
    ['/guides/issue-identities', 'Issue identities to a fleet'],
    ['/reference/protocol', 'The Agent Identity protocol'],
    ['/api/agent-identity-core', 'createAgentAssertion'],
    ['/packages/provider-auth', 'provider-auth'],
  ])(
    'renders %s without errors and without requests to other hosts, light, dark and on a phone',
    async (path, text) => {
      const origin = await serveSite();
      for (const options of [
        { colorScheme: 'light', viewport: { width: 1280, height: 900 } },
        { colorScheme: 'dark', viewport: { width: 1280, height: 900 } },
        { colorScheme: 'light', viewport: { width: 360, height: 780 } },
      ] as const) {
        const page = await browser.newPage(options);
        const problems: string[] = [];
        page.on('pageerror', (error) => problems.push(String(error)));
        page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
        page.on('request', (request) => {
          if (!request.url().startsWith(origin)) problems.push(request.url());
        });
        await page.goto(`${origin}${path}`, { waitUntil: 'networkidle' });
        await page.getByRole('heading', { name: text }).first().waitFor();
        expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(
          0,
        );
        expect(problems).toEqual([]);
        await page.close();
      }
    },
  );

  it('finds pages by search, without a server', async () => {
    const page = await browser.newPage();
    await page.goto(`${await serveSite()}/`, { waitUntil: 'networkidle' });
    await page.keyboard.press('Control+k');
    await page.getByRole('searchbox').fill('enrollment token');
    await page.getByRole('option').first().click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    expect(new URL(page.url()).pathname).not.toBe('/');
    await page.close();
  });

  it('leads to the inspector', async () => {
    const page = await browser.newPage();
    await page.goto(`${await serveSite()}/`, { waitUntil: 'networkidle' });
    await page.getByRole('link', { name: 'Inspector', exact: true }).click();
    await page.getByRole('heading', { name: 'Inspector' }).waitFor();
    await page.close();
  });

  it('lists all pages in llms.txt, each as Markdown', async () => {
    const list = await readFile(join(output, 'llms.txt'), 'utf8');
    const paths = Array.from(list.matchAll(/\]\((\/[^)]+\.md)\)/g), ([, path = '']) => path);
    expect(paths).toContain('/guides/protect-my-service.md');
    expect(paths).toContain('/api/agent-identity-core/wire.md');
    for (const path of paths) expect((await stat(join(output, path))).size).toBeGreaterThan(0);
    const guide = await readFile(join(output, 'guides/protect-my-service.md'), 'utf8');
    expect(guide).toContain('createAssertionVerifier({ directory })');
  });
});
