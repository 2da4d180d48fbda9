import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { consoleHeaders, readConsoleFiles } from 'agent-identity-console';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launchChromium } from 'test-support/chromium';
import { afterAll, beforeAll } from 'vitest';

/** A page of the console in a real browser, and what it did. */
export interface ConsolePage {
  readonly page: Page;
  /** The URLs that it requested, without those of the console's own files. */
  readonly foreignRequests: readonly string[];
  /** Errors, and refusals by the content security policy. */
  readonly problems: readonly string[];
}

/** Serves the console, and opens its pages in Chromium. Call it once in a test file. */
export function useConsole(): (path: string, options?: BrowserContextOptions) => Promise<ConsolePage> {
  let browser: Browser;
  let origin: string;
  const server = createServer();
  beforeAll(async () => {
    browser = await launchChromium();
    const files = await readConsoleFiles();
    server.on('request', ({ url = '' }, response) => {
      const file = files.get(url.replace(/^\//, '').replace(/[?#].*$/, ''));
      if (file === undefined) return void response.writeHead(404).end();
      response.writeHead(200, { ...consoleHeaders, 'content-type': file.contentType }).end(file.bytes);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(async () => {
    await browser.close();
    server.close();
  });
  return async (path, options) => {
    const context = await browser.newContext(options);
    const page = await context.newPage();
    const foreignRequests: string[] = [];
    const problems: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/`)) foreignRequests.push(request.url());
    });
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
    await page.goto(`${origin}/${path}`);
    return { page, foreignRequests, problems };
  };
}
