import { decodeUnverifiedAgentIdentityJwt, recordFromClaims } from 'agent-identity-jwt';
import { startAgentIdentityAuth } from 'agent-identity-registry';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { demoAccount, type LoopbackServers, openLoopbackServers } from '../dist/servers/loopback-servers.js';

let servers: LoopbackServers;
let headers: Record<string, string>;
beforeAll(async () => {
  servers = await openLoopbackServers();
  const { jwt } = await servers.authority.issueAgentIdentityJwt({ account: demoAccount });
  const record = recordFromClaims(decodeUnverifiedAgentIdentityJwt(jwt));
  const auth = await startAgentIdentityAuth(record, { authapiBaseUrl: servers.authorityUrl });
  headers = auth.headers();
});
afterAll(() => servers.close());

function post(body: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) {
  return fetch(`${servers.providerUrl}/responses`, {
    method: 'POST',
    headers: { ...headers, 'content-type': 'application/json', ...more },
    body,
  });
}

const bytes = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'));

/** A zstd frame of blocks that each repeat one byte (RFC 8878 section 3.1.1.2.2). */
function zstdOfZeros(blocks: number): Uint8Array<ArrayBuffer> {
  const blockSize = 128 * 1024;
  const frame = [0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x58];
  for (let block = 1; block <= blocks; block += 1) {
    const header = (blockSize << 3) | (1 << 1) | (block === blocks ? 1 : 0);
    frame.push(header & 0xff, (header >> 8) & 0xff, (header >> 16) & 0xff, 0);
  }
  return Uint8Array.from(frame);
}

describe('the provider of the demo', () => {
  it('reads a zstd body', async () => {
    const response = await post(bytes('KLUv/QRYiQAAeyJpbnB1dCI6IkhlbGxvIn0gm137'), {
      'content-encoding': 'zstd',
    });
    expect(response.status).toBe(200);
    expect(await response.text()).toContain('you said: Hello');
  });

  it('refuses a body that is not zstd, one that is too large, and other encodings', async () => {
    const statuses = await Promise.all([
      post('{"input":"Hello"}', { 'content-encoding': 'zstd' }),
      post(zstdOfZeros(257), { 'content-encoding': 'zstd' }),
      post('x', { 'content-encoding': 'br' }),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([400, 413, 415]);
  });

  it('tells a client that opens a WebSocket to use HTTP', async () => {
    const response = await fetch(`${servers.providerUrl}/responses`, { headers });
    expect(response.status).toBe(426);
  });

  it('answers a compaction trigger with exactly one compaction item', async () => {
    const input = [{ role: 'user', content: 'A long conversation' }, { type: 'compaction_trigger' }];
    const whole = (await (await post(JSON.stringify({ input }))).json()) as { output: { type: string }[] };
    expect(whole.output.map(({ type }) => type)).toEqual(['compaction']);
    const streamed = await (await post(JSON.stringify({ input, stream: true }))).text();
    const items = streamed.match(
      /"type":"response.output_item.done","output_index":0,"item":\{"type":"(\w+)"/g,
    );
    expect(items).toHaveLength(1);
    expect(streamed).toContain('"item":{"type":"compaction"');
    expect(streamed).not.toContain('output_text');
  });

  it('repeats the last user message and calls no tool that takes text', async () => {
    const input = [
      { role: 'developer', content: 'Instructions' },
      { role: 'user', content: [{ type: 'input_text', text: 'first' }] },
      { role: 'user', content: [{ type: 'input_text', text: 'last' }] },
    ];
    const shell = {
      type: 'function',
      name: 'shell',
      parameters: { properties: { command: { type: 'string' } } },
    };
    const text = await (await post(JSON.stringify({ input, tools: [shell] }))).text();
    expect(text).toContain('you said: last');
    expect(text).not.toContain('function_call');
  });
});
