import { mkdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { StartAuthorityServerOptions } from 'agent-identity-authority/server';
import { source as axeSource } from 'axe-core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from 'test-support/chromium';
import { afterAll, beforeAll, expect, onTestFinished } from 'vitest';
import { newPgliteFolder } from './pglite-folder.js';
import { type StartedServer, serverAdminToken, startServer } from './start-server.js';

/** The console of a running authority in a real browser. */
export interface OpenedConsole {
  readonly page: Page;
  readonly server: StartedServer;
  /** Calls the administration API; throws unless it agrees. */
  readonly api: <Body = Record<string, unknown>>(path: string, body?: object) => Promise<Body>;
  /** The URLs of all requests of the page. */
  readonly requests: readonly string[];
  /** Errors, and refusals by the content security policy. */
  readonly problems: readonly string[];
  signIn(token?: string): Promise<void>;
}

/** Opens the console of a new authority over PGlite, until the test is over. Call it once in a test file. */
export function useConsole(): (
  settings?: StartAuthorityServerOptions,
  options?: BrowserContextOptions,
) => Promise<OpenedConsole> {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(() => browser.close());
  return async (settings = {}, options = {}) => {
    const server = await startServer({
      store: `pglite:${await newPgliteFolder()}`,
      masterKey: Buffer.alloc(32).toString('base64'),
      console: { enabled: true },
      ...settings,
    });
    const context = await browser.newContext(options);
    onTestFinished(() => context.close());
    const page = await context.newPage();
    const requests: string[] = [];
    const problems: string[] = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(`${server.url}${settings.basePath ?? ''}/console`);
    const signIn = async (token = serverAdminToken) => {
      await page.getByLabel('Token of an administrator').fill(token);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByRole('heading', { level: 1, name: 'Agents' }).waitFor();
    };
    return { page, server, requests, problems, signIn, api: apiOf(server) };
  };
}

function apiOf({ url }: StartedServer): OpenedConsole['api'] {
  return async <Body>(path: string, body?: object) => {
    const response = await fetch(`${url}/v1/admin/${path}`, {
      headers: { authorization: `Bearer ${serverAdminToken}`, 'content-type': 'application/json' },
      ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return (await response.json()) as Body;
  };
}

/** Expects that axe finds nothing, and that the page does not scroll sideways. The context must bypass the policy. */
export async function expectAccessible(page: Page, name: string): Promise<void> {
  await page.evaluate(axeSource);
  const { violations } = (await page.evaluate('axe.run()')) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  expect(violations.map(({ id, nodes }) => [name, id, nodes.map(({ html }) => html)])).toEqual([]);
  expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0);
}

/** Writes a picture of the page into an ignored folder. */
export async function takePicture(page: Page, name: string): Promise<void> {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/console-pictures', import.meta.url));
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}
