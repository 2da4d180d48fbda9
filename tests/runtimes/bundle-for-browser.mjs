import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/**
 * Bundles the suite and core with esbuild's defaults for browsers, so that the conditions in core's package.json select the
 * backend.
 *
 * @returns {Promise<string>} the source of one ES module
 */
export async function bundleForBrowser() {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('browser-conformance.mjs', import.meta.url))],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    minify: true,
    write: false,
    metafile: true,
    logLevel: 'warning',
  });
  const inputs = Object.keys(metafile.inputs).filter((path) => path.includes('agent-identity-core/dist/'));
  const backends = inputs.filter((path) => /\/backend\/(node|portable)\.js$|\/index\.node\.js$/.test(path));
  if (backends.length !== 1 || !backends[0]?.endsWith('/backend/portable.js')) {
    throw new Error(`expected only the portable backend in the browser bundle, got ${backends.join(', ')}`);
  }
  const [output] = outputFiles;
  if (output === undefined) throw new Error('esbuild wrote nothing');
  return output.text;
}
