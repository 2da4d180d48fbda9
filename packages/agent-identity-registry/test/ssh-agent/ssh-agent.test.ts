import { readFile } from 'node:fs/promises';
import {
  createAsyncAssertionSigner,
  parseAgentAssertion,
  readSshPublicKey,
  signWithSigner,
  verifyAgentAssertion,
} from 'agent-identity-core';
import {
  createSshAgentSigner,
  listSshAgentKeys,
  openSshAgentSigner,
} from 'agent-identity-registry/ssh-agent';
import { startSshAgent } from 'test-support/ssh-agent';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const message = new TextEncoder().encode('agent-1:task-1:2026-04-23T00:00:00Z');
let agent: Awaited<ReturnType<typeof startSshAgent>>;

beforeAll(async () => {
  agent = await startSshAgent();
}, 60_000);
afterAll(() => agent.stop());

async function signerWithKey(comment: string, options: readonly string[] = []) {
  const { socketPath } = agent;
  const key = await agent.addKey(comment, 'ed25519', options);
  const publicKey = readSshPublicKey(key.line);
  return { ...key, publicKey, signer: createSshAgentSigner({ socketPath, publicKey, timeoutSeconds: 30 }) };
}

describe('an ssh-agent of OpenSSH', () => {
  it('lists its Ed25519 keys, and no others', async () => {
    const { line, fingerprint } = await signerWithKey('listed key');
    await agent.addKey('ecdsa', 'ecdsa');
    const keys = await listSshAgentKeys({ socketPath: agent.socketPath });
    const listed = keys.map(({ publicKey, ...rest }) => ({ line: publicKey.ssh, ...rest }));
    expect(listed).toContainEqual({ line, fingerprint, comment: 'listed key' });
    expect(listed.map(({ comment }) => comment)).not.toContain('ecdsa');
  });

  it('signs assertions with a key that this process does not have', async () => {
    const { signer, publicKey } = await signerWithKey('signing');
    const headers = createAsyncAssertionSigner({ signer, agentRuntimeId: 'agent-1', taskId: 'task-1' });
    const header = await headers.authorizationHeader();
    verifyAgentAssertion(parseAgentAssertion(header), { publicKey });
    const forgery = header.slice(0, -6) + (header.endsWith('AAAAAA') ? 'BBBBBB' : 'AAAAAA');
    expect(() => verifyAgentAssertion(parseAgentAssertion(forgery), { publicKey })).toThrow();
  });

  it('finds a key by its line, its file and its fingerprint', async () => {
    const { line, fingerprint, publicKeyFile } = await signerWithKey('by name');
    const { socketPath } = agent;
    for (const key of [line, `${await readFile(publicKeyFile, 'utf8')}`, fingerprint]) {
      const signer = await openSshAgentSigner({ socketPath, key });
      expect(signer.publicKey.ssh).toBe(line);
      expect(await signWithSigner(signer, message)).toHaveLength(64);
    }
  });

  it.each([
    ['SHA256:nothing', 'ssh_agent_key_not_found'],
    ['-----BEGIN OPENSSH PRIVATE KEY-----', 'invalid_argument'],
    ['', 'invalid_public_key'],
    ['ssh-rsa AAAA me', 'invalid_public_key'],
  ])('finds no key by %j', async (key, code) => {
    await expect(openSshAgentSigner({ socketPath: agent.socketPath, key })).rejects.toMatchObject({ code });
  });

  it('signs a message of any length', async () => {
    const { signer, publicKey } = await signerWithKey('lengths');
    for (const length of [0, 1, 100_000]) {
      const long = new Uint8Array(length).fill(7);
      expect(publicKey.verify(long, await signWithSigner(signer, long))).toBe(true);
    }
  });

  it('says that it does not hold a key', async () => {
    const { signer } = await signerWithKey('removed');
    await agent.removeKeys();
    await expect(signWithSigner(signer, message)).rejects.toMatchObject({
      code: 'signer_unavailable',
      retryable: true,
      cause: { code: 'ssh_agent_key_not_found' },
      message: expect.stringContaining('it lists no Ed25519 key, so it is locked or has none'),
    });
    await signerWithKey('another');
    await expect(signWithSigner(signer, message)).rejects.toMatchObject({
      cause: { code: 'ssh_agent_key_not_found' },
      message: expect.stringContaining('it does not hold the key'),
    });
  });

  it('signs nothing while it is locked, and again when it is unlocked', async () => {
    const { signer, publicKey } = await signerWithKey('locked');
    await agent.lock();
    await expect(signWithSigner(signer, message)).rejects.toMatchObject({
      code: 'signer_unavailable',
      cause: { code: 'ssh_agent_key_not_found' },
    });
    expect(await listSshAgentKeys({ socketPath: agent.socketPath })).toEqual([]);
    await agent.unlock();
    expect(publicKey.verify(message, await signWithSigner(signer, message))).toBe(true);
  });

  it('may refuse to sign although it holds the key', async () => {
    // It asks a person for confirmation. Nobody can answer here, so it refuses.
    const { signer } = await signerWithKey('confirmed', ['-c']);
    await expect(signWithSigner(signer, message)).rejects.toMatchObject({
      code: 'signer_unavailable',
      retryable: true,
      cause: { code: 'ssh_agent_refused' },
    });
  });

  it('may crash and come back, with the same signer', async () => {
    const { signer } = await signerWithKey('crashing');
    await agent.crash();
    await expect(signWithSigner(signer, message)).rejects.toMatchObject({
      code: 'signer_unavailable',
      retryable: true,
      cause: { code: 'ssh_agent_unavailable' },
    });
    await agent.start();
    await expect(signWithSigner(signer, message)).rejects.toMatchObject({
      cause: { code: 'ssh_agent_key_not_found' },
    });
    const again = await signerWithKey('come back');
    expect(again.publicKey.verify(message, await signWithSigner(again.signer, message))).toBe(true);
  });
});
