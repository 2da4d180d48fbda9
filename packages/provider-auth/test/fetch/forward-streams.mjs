/**
 * A proxy that forwards streamed uploads with `providerFetch`, in every way that a request can fail before or while its body
 * is sent. Prints one JSON line per request, and one for every error that nobody handled.
 *
 * Run as a process of its own, because an unhandled error ends a process.
 */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { Readable } from 'node:stream';
import { generateAgentKey } from 'agent-identity-core';
import { defineProvider, loadAuth, providerFetch, resolveProviderAuth } from 'provider-auth';

const print = (/** @type {object} */ line) => console.log(JSON.stringify(line));
for (const event of ['uncaughtException', 'unhandledRejection']) {
  process.on(event, (error) => print({ unhandled: `${error?.code ?? error}` }));
}

/** @param {import('node:http').RequestListener} listener */
async function listen(listener) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, origin: `http://127.0.0.1:${server.address().port}` };
}

const deleted = JSON.stringify({ error: { message: 'Agent runtime has been deleted.' } });
const upstream = await listen((incoming, response) => {
  if (incoming.url === '/v1/deleted') response.writeHead(403).end(deleted);
  else if (incoming.url === '/v1/stall') incoming.resume();
  else incoming.resume().on('end', () => response.end('done'));
});
const { server: unused, origin: closed } = await listen(() => {});
await new Promise((resolve) => unused.close(resolve));

const record = {
  agent_runtime_id: 'agent-1',
  agent_private_key: generateAgentKey().toPkcs8Base64(),
  account_id: 'account-1',
  chatgpt_user_id: 'user-1',
  email: '',
  plan_type: 'pro',
  chatgpt_account_is_fedramp: false,
  task_id: 'task-1',
};
const auth = await loadAuth({ record });
const baseUrl = `${upstream.origin}/v1`;
const firstParty = /** @type {const} */ ({ kind: 'first_party', baseUrl });
const alive = providerFetch(auth, firstParty);
const ended = providerFetch(await loadAuth({ record }), firstParty);
await (await ended(`${baseUrl}/deleted`)).text();
const withoutCredentials = providerFetch(await loadAuth(), firstParty);
const ownKey = providerFetch(auth, { kind: 'bearer', baseUrl, bearerToken: 'own-token' });
const refused = providerFetch(auth, { kind: 'first_party', baseUrl: closed });
const failing = providerFetch(auth, firstParty, { fetch: () => Promise.reject(new Error('fetch failed')) });
const resolved = await resolveProviderAuth({ auth, provider: defineProvider(firstParty) });
const neverPrepared = providerFetch({
  ...resolved,
  covers: (url) => resolved.covers(url),
  credentialsFor: (url) => resolved.credentialsFor(url),
  prepare: () => new Promise(() => {}),
});
const soon = () => AbortSignal.timeout(20);

/** The `fetch`, the URL and the signal that provoke each failure. @type {Record<string, () => [typeof fetch, string, AbortSignal?]>} */
const failures = {
  none: () => [alive, `${baseUrl}/x`],
  'runtime deleted': () => [ended, `${baseUrl}/x`],
  'no credentials': () => [withoutCredentials, `${baseUrl}/x`],
  'signal aborted': () => [alive, `${baseUrl}/x`, AbortSignal.abort()],
  'signal aborted, own key': () => [ownKey, `${baseUrl}/x`, AbortSignal.abort()],
  'connection refused': () => [refused, `${closed}/x`],
  'fetch rejects': () => [failing, `${baseUrl}/x`],
  'signal aborts while sending': () => [alive, `${baseUrl}/stall`, soon()],
  'signal aborts while sending, own key': () => [ownKey, `${baseUrl}/stall`, soon()],
  'sender disconnects while sending': () => [alive, `${baseUrl}/stall`],
  'sender disconnects before sending': () => [neverPrepared, `${baseUrl}/x`],
};

/** How a body is made of a Node request. @type {Record<string, (incoming: import('node:http').IncomingMessage) => unknown>} */
const bodies = {
  'Readable.toWeb': (incoming) => Readable.toWeb(incoming),
  'async iterable': (incoming) => incoming,
};

const proxy = await listen(async (incoming, response) => {
  const [, failure = '', body = '', form] = decodeURIComponent(incoming.url ?? '').split('/');
  const [fetch, url, signal] = failures[failure]();
  const init = { method: 'POST', body: bodies[body](incoming), duplex: 'half', signal };
  try {
    const answer = await (form === 'Request' ? fetch(new Request(url, init)) : fetch(url, init));
    response.end(`${answer.status}`);
  } catch (error) {
    response.end(`${error.code ?? error.name}`);
  }
});

/** How a sender writes a body. @type {Record<string, (sender: import('node:http').ClientRequest) => Promise<void>>} */
const senders = {
  'at once': async (sender) => void sender.end('whole'),
  slowly: async (sender) => {
    for (let i = 0; i < 4 && !sender.destroyed; i += 1) {
      sender.write('x'.repeat(30_000));
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    sender.end();
  },
  never: async (sender) => sender.flushHeaders(),
};

/** @param {string} path @param {(sender: import('node:http').ClientRequest) => Promise<void>} send @param {boolean} disconnects */
function sendTo(path, send, disconnects) {
  return new Promise((resolve) => {
    const sender = request(`${proxy.origin}/${path}`, { method: 'POST', agent: false });
    sender.on('response', async (response) =>
      resolve((await response.setEncoding('utf8').toArray()).join('')),
    );
    sender.on('error', ({ code }) => resolve(code));
    send(sender);
    if (disconnects) setTimeout(() => sender.destroy(), 15);
  });
}

for (const failure of Object.keys(failures)) {
  for (const body of Object.keys(bodies)) {
    for (const form of ['init', 'Request']) {
      for (const [pace, send] of Object.entries(senders)) {
        if (failure === 'none' && pace === 'never') continue;
        const path = [failure, body, form].map(encodeURIComponent).join('/');
        const outcome = await sendTo(path, send, failure.startsWith('sender'));
        print({ failure, body, form, pace, outcome });
      }
    }
  }
}
await new Promise((resolve) => setTimeout(resolve, 100));
print({ end: true });
process.exit(0);
