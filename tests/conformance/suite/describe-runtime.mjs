/**
 * Detects the runtime and its version.
 *
 * @returns {{ name: string, version: string }}
 */
export function describeRuntime() {
  const { Deno, Bun, process, navigator, document } = /** @type {Record<string, any>} */ (globalThis);
  if (Deno !== undefined) return { name: 'Deno', version: Deno.version.deno };
  if (Bun !== undefined) return { name: 'Bun', version: Bun.version };
  if (process?.versions?.node !== undefined) return { name: 'Node', version: process.versions.node };
  const version = /Chrome\/(\d+)/.exec(navigator.userAgent)?.[1] ?? navigator.userAgent;
  return { name: document === undefined ? 'Chromium worker' : 'Chromium page', version };
}

/**
 * Detects core's backend: only Node's crypto throws errors with the code `ERR_INVALID_ARG_TYPE`.
 *
 * @param {import('./vectors.mjs').Core} core
 * @returns {'native' | 'portable'}
 */
export function detectBackend(core) {
  try {
    core.generateAgentKey().sign(/** @type {any} */ (undefined));
  } catch (error) {
    return /** @type {{ code?: string }} */ (error).code === 'ERR_INVALID_ARG_TYPE' ? 'native' : 'portable';
  }
  throw new Error('expected core to refuse to sign undefined');
}
