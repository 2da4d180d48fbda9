import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

it('the main entry exports these names', async () => {
  expect(Object.keys(await import('provider-auth')).sort()).toEqual([
    'createRunScope',
    'credentialHeaderNames',
    'defineProvider',
    'isAgentIdentityError',
    'loadAuth',
    'providerFetch',
    'resolveProviderAuth',
    'sdkApiKeyPlaceholder',
  ]);
});

it('the subpath opentelemetry exports the observer', async () => {
  expect(Object.keys(await import('provider-auth/opentelemetry'))).toEqual(['openTelemetryObserver']);
});

it('the main entry loads neither OpenTelemetry nor Node modules', async () => {
  const modules = [...(await reachableFrom(new URL('../dist/index.js', import.meta.url)))];
  const imported = modules.flatMap(([, specifiers]) => specifiers).filter((name) => !name.startsWith('.'));
  expect(modules.length).toBeGreaterThan(20);
  expect([...new Set(imported)].sort()).toEqual([
    'agent-identity-core',
    'agent-identity-core/http',
    'agent-identity-core/wire',
    'agent-identity-jwt',
    'agent-identity-registry',
    'chatgpt-auth',
  ]);
});

/** Each module of the package that can be reached, and what it imports. */
async function reachableFrom(entry: URL, seen = new Map<string, string[]>()): Promise<Map<string, string[]>> {
  if (seen.has(entry.href)) return seen;
  const source = await readFile(entry, 'utf8');
  const specifiers = [...source.matchAll(/^(?:import (?:.* from )?|export .* from )'([^']+)';$/gm)].map(
    ([, name]) => name ?? '',
  );
  seen.set(entry.href, specifiers);
  for (const name of specifiers.filter((each) => each.startsWith('.')))
    await reachableFrom(new URL(name, entry), seen);
  return seen;
}
