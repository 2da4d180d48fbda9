import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';

/** Size limits in KB (1,000 bytes) of what a browser or a Worker downloads: bundled, minified and gzipped. */
const limits = [
  {
    what: 'signing with agent-identity-core',
    source: "export { createAssertionSigner, readAgentKey } from 'agent-identity-core'",
    kilobytes: 17,
  },
  { what: 'all of agent-identity-core', source: "export * from 'agent-identity-core'", kilobytes: 27 },
  { what: 'agent-identity-registry', source: "export * from 'agent-identity-registry'", kilobytes: 45 },
  { what: 'agent-identity-jwt', source: "export * from 'agent-identity-jwt'", kilobytes: 40 },
  {
    what: 'agent-identity-verifier',
    source: `export * from 'agent-identity-verifier';
             export * from 'agent-identity-verifier/remote-directory';`,
    kilobytes: 42,
  },
  { what: 'provider-auth', source: "export * from 'provider-auth'", kilobytes: 80 },
] as const;

describe.each(limits)('a bundle of $what', ({ source, kilobytes }) => {
  it(`has at most ${kilobytes} KB, minified and gzipped`, async () => {
    expect(await bundledBytes(source)).toBeLessThanOrEqual(kilobytes * 1000);
  });
});

async function bundledBytes(contents: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    platform: 'browser',
    conditions: ['workerd', 'worker', 'browser'],
    write: false,
    logLevel: 'error',
  });
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length;
}
