import { createRequire } from 'node:module';
import nodeFetch3 from 'node-fetch';

type Fetch = typeof globalThis.fetch;

/** For node-fetch 2, which has no types. */
const require = createRequire(import.meta.url);

/** Like the `fetch` of React Native: its responses have no `body`, and say nothing about redirects. */
const fetchWithoutStreams: Fetch = async (input, init) => {
  const response = await fetch(input, init);
  const { ok, status, headers, url } = response;
  return { ok, status, headers, url, type: 'default', text: () => response.text() } as Response;
};

/** `fetch` functions whose responses have no web streams, by name. */
export const foreignFetches: readonly (readonly [name: string, fetch: Fetch])[] = [
  ['node-fetch 2', require('node-fetch-2') as Fetch],
  ['node-fetch 3', nodeFetch3 as unknown as Fetch],
  ['a fetch without streams', fetchWithoutStreams],
];
