import { createServer } from 'node:http';
import { launchChromium } from 'test-support/chromium';
import { bundleForBrowser } from './bundle-for-browser.mjs';

const html = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,"><title>conformance</title>';
/** As strict as possible: the suite needs neither eval nor inline scripts. */
const policy = "default-src 'none'; script-src 'self'; worker-src 'self'; img-src data:";

/**
 * Runs the conformance suite in headless Chromium: once in a page, once in a worker.
 *
 * @returns {Promise<import('../conformance/conformance-table.mjs').ConformanceReport[]>}
 */
export async function runInChromium() {
  const server = await serve(await bundleForBrowser());
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    /** @type {string[]} */
    const errors = [];
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(server.url);
    const reports = [await page.evaluate(runInPage), await page.evaluate(runInWorker)];
    const version = browser.version();
    if (errors.length > 0) throw new Error(`Chromium reported errors: ${errors.join('; ')}`);
    return reports.map((/** @type {any} */ report) => ({
      ...report,
      runtime: { ...report.runtime, version },
    }));
  } finally {
    await browser.close();
    server.close();
  }
}

/** Runs in the page. @returns {Promise<unknown>} */
function runInPage() {
  return new Promise((resolve, reject) => {
    /** @type {any} */
    const { addEventListener } = globalThis;
    addEventListener('conformance', (/** @type {any} */ { detail }) => resolve(detail));
    import(/** @type {any} */ ('/conformance.mjs')).catch(reject);
  });
}

/** Runs in the page and starts the worker. @returns {Promise<unknown>} */
function runInWorker() {
  return new Promise((resolve, reject) => {
    /** @type {any} */
    const { Worker } = globalThis;
    const worker = new Worker('/worker.mjs', { type: 'module' });
    worker.onmessage = (/** @type {any} */ { data }) => resolve(data);
    worker.onerror = (/** @type {any} */ { message }) => reject(new Error(`the worker failed: ${message}`));
  });
}

/** @param {string} bundle */
async function serve(bundle) {
  /** @type {Readonly<Record<string, [string, string]>>} */
  const files = {
    '/': ['text/html', html],
    '/conformance.mjs': ['text/javascript', bundle],
    '/worker.mjs': [
      'text/javascript',
      "addEventListener('conformance', ({ detail }) => postMessage(detail));\nawait import('/conformance.mjs');\n",
    ],
  };
  const server = createServer(({ url }, response) => {
    const [type, body] = files[url ?? ''] ?? [];
    const headers = { 'content-type': `${type}; charset=utf-8`, 'content-security-policy': policy };
    response.writeHead(body === undefined ? 404 : 200, headers).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
