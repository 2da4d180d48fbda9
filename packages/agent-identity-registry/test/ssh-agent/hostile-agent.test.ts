import { rm } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { generateAgentKey, signWithSigner } from 'agent-identity-core';
import { createSshAgentSigner, listSshAgentKeys } from 'agent-identity-registry/ssh-agent';
import fc from 'fast-check';
import { temporaryFolder, thrownBy } from 'test-support';
import { describe, expect, it, onTestFinished } from 'vitest';

const key = generateAgentKey();
const { publicKey } = key;
const message = new TextEncoder().encode('agent-1:task-1:2026-04-23T00:00:00Z');

const uint32 = (value: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
const string = (bytes: Uint8Array | string) =>
  Buffer.concat([uint32(Buffer.from(bytes).length), Buffer.from(bytes)]);
const frame = (type: number, ...contents: readonly Uint8Array[]) =>
  string(Buffer.concat([Buffer.of(type), ...contents]));
const blob = Buffer.from(publicKey.ssh.split(' ')[1] ?? '', 'base64');
const identity = (comment: string) => Buffer.concat([string(blob), string(comment)]);
const identities = (...all: readonly Buffer[]) => frame(12, uint32(all.length), ...all);
const signature = (bytes: Uint8Array, algorithm = 'ssh-ed25519') =>
  frame(14, string(Buffer.concat([string(algorithm), string(bytes)])));
const genuine = () => signature(key.sign(message));

/** A server at a socket that answers each connection's first bytes as it is told. */
async function agentThat(answer: (socket: Socket, request: Buffer) => void) {
  const socketPath = join(await temporaryFolder(), 'agent');
  const connections = new Set<Socket>();
  const server = createServer((socket) => {
    connections.add(socket);
    socket.on('error', () => {}).on('close', () => connections.delete(socket));
    socket.once('data', (request) => answer(socket, request));
  });
  await new Promise<void>((resolve) => server.listen(socketPath, resolve));
  onTestFinished(async () => {
    for (const socket of connections) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
    await rm(socketPath, { force: true });
  });
  const signer = createSshAgentSigner({ socketPath, publicKey });
  return { socketPath, signer, connections, sign: () => signWithSigner(signer, message) };
}

const agentThatWrites = (bytes: Uint8Array) => agentThat((socket) => socket.end(bytes));

describe('a signer of an agent', () => {
  it('sends exactly a request to sign these bytes by this key', async () => {
    const requests: Buffer[] = [];
    const { sign } = await agentThat((socket, request) => {
      requests.push(request);
      socket.end(genuine());
    });
    expect(Buffer.from(await sign())).toEqual(Buffer.from(key.sign(message)));
    expect(requests).toEqual([frame(13, string(blob), string(message), uint32(0))]);
  });

  it('reads an answer that comes byte by byte', async () => {
    const { sign } = await agentThat(async (socket) => {
      for (const byte of genuine()) {
        socket.write(Buffer.of(byte));
        await new Promise((resolve) => setImmediate(resolve));
      }
    });
    expect(await sign()).toHaveLength(64);
  });

  it('leaves no connection open', async () => {
    const { sign, connections } = await agentThat((socket) => socket.write(genuine()));
    await sign();
    await expect.poll(() => connections.size).toBe(0);
  });

  it.each<[string, Buffer]>([
    ['text', Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['a length of nothing', uint32(0)],
    ['a length over the limit', uint32(256 * 1024 + 1)],
    ['the longest length', Buffer.alloc(4, 0xff)],
    ['bytes after the end', Buffer.concat([genuine(), Buffer.of(0)])],
    ['an answer of another type', identities(identity('a'))],
    ['a signature of another algorithm', signature(new Uint8Array(64), 'ssh-rsa')],
    ['an empty signature', frame(14)],
    ['a string that is longer than the message', frame(14, uint32(1000), Buffer.alloc(10))],
    [
      'more after the signature',
      frame(14, string(Buffer.concat([string('ssh-ed25519'), string('x')])), Buffer.of(1)),
    ],
  ])('calls %s malformed', async (_what, bytes) => {
    const { sign } = await agentThatWrites(bytes);
    await expect(sign()).rejects.toMatchObject({
      code: 'signer_unavailable',
      cause: { code: 'malformed_ssh_agent_response', retryable: false },
    });
  });

  it.each<[string, Uint8Array]>([
    ['of other bytes', key.sign(new Uint8Array(1))],
    ['by another key', generateAgentKey().sign(message)],
    ['that is too short', new Uint8Array(63)],
    ['that is empty', new Uint8Array()],
  ])('calls a signature %s a mismatch', async (_what, bytes) => {
    const { sign } = await agentThatWrites(signature(bytes));
    await expect(sign()).rejects.toMatchObject({ code: 'signer_mismatch', retryable: false });
  });

  it.each([0, 1, 4, 5, 50])('reports an agent that hangs up after %i bytes', async (count) => {
    const { sign } = await agentThatWrites(genuine().subarray(0, count));
    await expect(sign()).rejects.toMatchObject({
      code: 'signer_unavailable',
      retryable: true,
      cause: { code: 'ssh_agent_unavailable' },
    });
  });

  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['half an answer', genuine().subarray(0, 40)],
  ])('ends at its deadline if the agent sends %s', async (_what, bytes) => {
    const { socketPath, connections } = await agentThat((socket) => socket.write(bytes));
    const signer = createSshAgentSigner({ socketPath, publicKey, timeoutSeconds: 0.05 });
    await expect(signWithSigner(signer, message)).rejects.toMatchObject({ code: 'signer_timed_out' });
    await expect.poll(() => connections.size).toBe(0);
    await expect(listSshAgentKeys({ socketPath, timeoutSeconds: 0.05 })).rejects.toMatchObject({
      code: 'timed_out',
      retryable: true,
    });
  });

  it('ends with the abort of its only caller', async () => {
    const { signer, connections } = await agentThat(() => {});
    const controller = new AbortController();
    const signing = signWithSigner(signer, message, { signal: controller.signal });
    await expect.poll(() => connections.size).toBe(1);
    controller.abort(new Error('no longer needed'));
    await expect(signing).rejects.toThrow('no longer needed');
    await expect.poll(() => connections.size).toBe(0);
  });

  it('explains a failure of an agent that fails twice', async () => {
    const { sign } = await agentThatWrites(frame(5));
    await expect(sign()).rejects.toMatchObject({
      code: 'signer_unavailable',
      cause: { code: 'ssh_agent_refused' },
    });
  });

  it('turns any bytes into an error of the family, never into a signature', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.boolean(), async (bytes, isFramed) => {
        const { socketPath, sign } = await agentThatWrites(isFramed ? string(bytes) : Buffer.from(bytes));
        expect((await thrownBy(sign)).code).toMatch(/^signer_/);
        const listed = await listSshAgentKeys({ socketPath }).catch((error: unknown) => error);
        expect(Array.isArray(listed) || (listed as { code: string }).code.includes('ssh_agent')).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('listSshAgentKeys', () => {
  it('lists what can be used, and leaves out the rest', async () => {
    const weak = Buffer.concat([string('ssh-ed25519'), string(new Uint8Array(32))]);
    const rsa = Buffer.concat([string('ssh-rsa'), string('e'), string('n')]);
    const rest = [weak, rsa, Buffer.alloc(0)].map((other) => Buffer.concat([string(other), string('')]));
    const { socketPath } = await agentThatWrites(
      identities(...rest, identity('first\u001b[31m'), identity('')),
    );
    const keys = await listSshAgentKeys({ socketPath });
    expect(keys.map((one) => [one.publicKey.ssh, one.comment])).toEqual([
      [publicKey.ssh, 'first\u001b[31m'],
      [publicKey.ssh, ''],
    ]);
  });

  it.each<[string, Buffer]>([
    ['fewer keys than announced', frame(12, uint32(2), identity('a'))],
    ['four billion keys', frame(12, uint32(0xffffffff))],
    ['more bytes than announced', frame(12, uint32(0), identity('a'))],
    ['a signature', genuine()],
  ])('calls %s malformed', async (_what, bytes) => {
    const { socketPath } = await agentThatWrites(bytes);
    await expect(listSshAgentKeys({ socketPath })).rejects.toMatchObject({
      code: 'malformed_ssh_agent_response',
    });
  });

  it.each([
    ['no path', { socketPath: '' }],
    ['a path with a NUL', { socketPath: 'a\0b' }],
    ['an unknown option', { socketPath: '/nowhere', socket: '/nowhere' }],
    ['no limit', { socketPath: '/nowhere', timeoutSeconds: Number.POSITIVE_INFINITY }],
  ])('refuses %s', async (_what, options) => {
    await expect(listSshAgentKeys(options)).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  it('reports a socket where nothing listens', async () => {
    const socketPath = join(await temporaryFolder(), 'nothing');
    await expect(listSshAgentKeys({ socketPath })).rejects.toMatchObject({
      code: 'ssh_agent_unavailable',
      retryable: true,
      message: expect.stringContaining('ENOENT'),
    });
  });
});

describe('createSshAgentSigner', () => {
  it.each([
    ['no path', { publicKey }],
    ['no public key', { socketPath: '/nowhere' }],
    ['a public key as a line', { socketPath: '/nowhere', publicKey: publicKey.ssh }],
    ['an unknown option', { socketPath: '/nowhere', publicKey, key: 1 }],
  ])('refuses %s', (_what, options) => {
    expect(() => createSshAgentSigner(options as never)).toThrow(
      expect.objectContaining({ code: 'invalid_argument' }),
    );
  });
});
