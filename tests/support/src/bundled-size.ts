import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

/**
 * Bundles and minifies a module for browsers and returns its size with gzip, in KiB. The module may import what the
 * package in this folder can import.
 */
export async function bundledSize(source: string, folder: URL): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(folder), loader: 'js' },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  const [bundle] = outputFiles;
  if (bundle === undefined) throw new Error('esbuild wrote no bundle');
  return gzipSync(bundle.contents, { level: 9 }).length / 1024;
}
