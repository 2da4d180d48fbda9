/**
 * What the suite ran on, as it says itself.
 *
 * @returns {{ name: string, version: string }}
 */
export function describeRuntime() {
  const { Deno, Bun, process, navigator, document } = /** @type {Record<string, any>} */ (globalThis);
  if (Deno !== undefined) return { name: 'Deno', version: Deno.version.deno };
  if (Bun !== undefined) return { name: 'Bun', version: Bun.version };
  if (process?.versions?.node !== undefined) return { name: 'Node', version: process.versions.node };
  const version = /Chrome\/([\d.]+)/.exec(navigator.userAgent)?.[1] ?? navigator.userAgent;
  return { name: document === undefined ? 'Chromium worker' : 'Chromium page', version };
}

/**
 * Which of core's backends answers, read off the stack of an error from it. A bundle has no file names left: there it
 * is `undefined`, and the bundler knows.
 *
 * @param {import('./vectors.mjs').Core} core
 * @returns {'native' | 'portable' | undefined}
 */
export function backendOf(core) {
  try {
    core.generateAgentKey().sign(/** @type {any} */ (undefined));
  } catch (error) {
    const file = /backend\/(node|portable)\.js/.exec(/** @type {Error} */ (error).stack ?? '')?.[1];
    return file === 'node' ? 'native' : file === 'portable' ? 'portable' : undefined;
  }
  return undefined;
}
