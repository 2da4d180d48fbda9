import {
  type AgentSigner,
  createAgentAssertionAsync,
  createAsyncAssertionSigner,
  createAsyncInstanceAssertionSigner,
  createInstanceAssertionAsync,
  formatAgentAssertion,
  generateAgentKey,
  signTaskRegistrationAsync,
  signWithSigner,
} from 'agent-identity-core';
import { fixedAgent } from 'test-support';
import { describe, expect, it } from 'vitest';
import { fixedAssertion, fixedKey, fixedRegistration } from '../support/fixed-agent.js';
import * as fixedInstance from '../support/fixed-instance.js';

const { agentRuntimeId, taskId, signedAt, assertionHeader } = fixedAgent;
const { publicKey } = fixedKey;
const subject = { agentRuntimeId, taskId } as const;
const clock = () => signedAt;

interface PendingSignature {
  readonly signal: AbortSignal;
  readonly finish: () => void;
  readonly fail: (error: unknown) => void;
}

/** A signer whose signatures are finished by hand, and a clock that is set by hand. */
function heldSigner({ timeoutSeconds }: { readonly timeoutSeconds?: number } = {}) {
  const held = { now: signedAt, pending: [] as PendingSignature[] };
  const signer: AgentSigner = {
    publicKey,
    timeoutSeconds,
    sign: (message, { signal }) =>
      new Promise((resolve, reject) => {
        const finish = () => resolve(fixedKey.sign(message));
        held.pending.push({ signal, finish, fail: reject });
      }),
  };
  const headers = createAsyncAssertionSigner({ ...subject, signer }, { clock: () => held.now });
  return { signer, headers, held };
}

/** Lets all promises settle that wait for nothing else. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const signerOf = (sign: AgentSigner['sign'], timeoutSeconds?: number): AgentSigner => ({
  publicKey,
  sign,
  timeoutSeconds,
});

describe('functions that take an AgentSigner', () => {
  const signer = signerOf(async (message) => fixedKey.sign(message));

  it('create the same bytes as with the key itself', async () => {
    const assertion = await createAgentAssertionAsync({ ...subject, signer }, { clock });
    expect(assertion).toEqual(fixedAssertion);
    expect(formatAgentAssertion(assertion)).toBe(assertionHeader);
    const { timestamp, signature } = await signTaskRegistrationAsync({ agentRuntimeId, signer }, { clock });
    expect({ agentRuntimeId, timestamp, signature }).toEqual(fixedRegistration);
    const headers = createAsyncAssertionSigner({ ...subject, signer }, { clock });
    expect(await headers.authorizationHeader()).toBe(assertionHeader);
  });

  it('create the same instance assertions as with the key itself', async () => {
    const { fixedKey: key, effects, assertion, runtimeAgentInstanceId } = fixedInstance;
    const instanceSigner = {
      publicKey: key.publicKey,
      sign: async (message: Uint8Array) => key.sign(message),
    };
    const instance = { runtimeAgentInstanceId, signer: instanceSigner };
    expect(await createInstanceAssertionAsync(instance, effects)).toBe(assertion);
    const assertions = createAsyncInstanceAssertionSigner(instance, effects);
    expect(await assertions.assertion()).toBe(assertion);
    expect(await assertions.authorizationHeader()).toBe(`AgentAssertion ${assertion}`);
  });

  it.each([
    ['no signer', undefined],
    ['a signer without a public key', { sign: signer.sign }],
    ['a public key that is a line', { ...signer, publicKey: publicKey.ssh }],
    ['no sign function', { publicKey }],
    ['a public key without its line', { ...signer, publicKey: { verify: () => true } }],
    ['no limit', { ...signer, timeoutSeconds: Number.POSITIVE_INFINITY }],
    ['a limit over a minute', { ...signer, timeoutSeconds: 61 }],
  ])('refuse %s with invalid_argument', async (_what, bad) => {
    const given = { ...subject, signer: bad as AgentSigner };
    const instance = { runtimeAgentInstanceId: 'rai-1', signer: bad as AgentSigner };
    const refused = expect.objectContaining({ code: 'invalid_argument' });
    expect(() => createAsyncAssertionSigner(given)).toThrow(refused);
    expect(() => createAsyncInstanceAssertionSigner(instance)).toThrow(refused);
    await expect(createAgentAssertionAsync(given)).rejects.toEqual(refused);
    await expect(signTaskRegistrationAsync(given)).rejects.toEqual(refused);
  });

  it('refuse ids that no header can hold before anything is signed', async () => {
    let signatures = 0;
    const counting = signerOf(async (message) => {
      signatures += 1;
      return fixedKey.sign(message);
    });
    const refused = expect.objectContaining({ code: 'invalid_argument' });
    for (const bad of ['', ' ', '\ud800', 'x'.repeat(5000)]) {
      expect(() => createAsyncAssertionSigner({ agentRuntimeId, taskId: bad, signer: counting })).toThrow(
        refused,
      );
      await expect(
        createAgentAssertionAsync({ agentRuntimeId: bad, taskId, signer: counting }),
      ).rejects.toEqual(refused);
    }
    expect(signatures).toBe(0);
  });

  it('give the signer a copy of the message, so that it cannot change what is checked', async () => {
    const message = new TextEncoder().encode('hello');
    const changing = signerOf(async (copy) => fixedKey.sign(copy.fill(0)));
    await expect(signWithSigner(changing, message)).rejects.toMatchObject({ code: 'signer_mismatch' });
    expect(new TextDecoder().decode(message)).toBe('hello');
  });
});

describe('a signer that does not work', () => {
  const sign = (bad: AgentSigner['sign'], timeoutSeconds?: number) =>
    createAgentAssertionAsync({ ...subject, signer: signerOf(bad, timeoutSeconds) }, { clock });

  it.each<[string, AgentSigner['sign']]>([
    ['rejects', async () => Promise.reject(new Error('no connection'))],
    [
      'throws',
      () => {
        throw new Error('no connection');
      },
    ],
  ])('that %s is an outage: signer_unavailable, retryable', async (_what, bad) => {
    await expect(sign(bad)).rejects.toMatchObject({
      code: 'signer_unavailable',
      retryable: true,
      message: 'signer: sign() failed: no connection',
    });
  });

  it('keeps nothing of a foreign error but its cleaned message', async () => {
    const error = Object.assign(new Error('denied\u001b[31m: Authorization: Bearer abcdefgh12345678'), {
      request: { headers: { authorization: 'Bearer abcdefgh12345678' } },
    });
    const thrown = await sign(() => Promise.reject(error)).catch((reason: unknown) => reason);
    expect(thrown).toMatchObject({ code: 'signer_unavailable' });
    expect(thrown).not.toHaveProperty('cause');
    expect(String(thrown)).toBe(
      'AgentIdentityError: signer: sign() failed: denied [31m: Authorization: [redacted]',
    );
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'undefined'],
    ['a symbol', Symbol('secret'), 'a value of type symbol'],
    ['a message that is no text', Object.assign(new Error(), { message: 42 }), 'a value of type object'],
    [
      'a message that throws',
      Object.defineProperty(new Error(), 'message', {
        get() {
          throw new Error('secret');
        },
      }),
      'a value of type object',
    ],
  ])('that rejects with %s is an outage, too', async (_what, thrown, got) => {
    await expect(sign(() => Promise.reject(thrown))).rejects.toMatchObject({
      code: 'signer_unavailable',
      message: `signer: sign() failed: ${got}`,
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['text', 'signature'],
    ['too few bytes', new Uint8Array(63)],
    ['a proxy', new Proxy(new Uint8Array(64), {})],
    ['null', null],
    ['zeros', new Uint8Array(64)],
    ['a signature by another key', generateAgentKey().sign(new Uint8Array(3))],
  ])('and returns %s is a signer_mismatch, not retryable', async (_what, returned) => {
    await expect(sign(async () => returned as Uint8Array)).rejects.toMatchObject({
      code: 'signer_mismatch',
      retryable: false,
    });
  });

  it('and signs with another key is a signer_mismatch', async () => {
    const other = generateAgentKey();
    const wrong = async (message: Uint8Array) => other.sign(message);
    await expect(sign(wrong)).rejects.toMatchObject({ code: 'signer_mismatch', retryable: false });
    const instance = { runtimeAgentInstanceId: 'rai-1', signer: signerOf(wrong) };
    await expect(createInstanceAssertionAsync(instance)).rejects.toMatchObject({ code: 'signer_mismatch' });
    await expect(
      signTaskRegistrationAsync({ agentRuntimeId, signer: signerOf(wrong) }),
    ).rejects.toMatchObject({ code: 'signer_mismatch' });
  });

  it('and hangs ends at its deadline with signer_timed_out, and its signal aborts', async () => {
    let ended: AbortSignal | undefined;
    const hanging = sign((_message, { signal }) => {
      ended = signal;
      return new Promise(() => {});
    }, 0.01);
    await expect(hanging).rejects.toMatchObject({
      code: 'signer_timed_out',
      retryable: true,
      message: 'signer: no signature within 0.01 s',
    });
    expect(ended?.aborted).toBe(true);
  });

  it.each([12_000, -12_000])('and returns when the clock is %i ms away gives no assertion', async (moved) => {
    let now = signedAt;
    const late = signerOf(async (message) => {
      now += moved;
      return fixedKey.sign(message);
    });
    const expected = { code: 'signer_timed_out', retryable: true };
    const effects = { clock: () => now };
    await expect(createAgentAssertionAsync({ ...subject, signer: late }, effects)).rejects.toMatchObject(
      expected,
    );
    now = signedAt;
    await expect(signTaskRegistrationAsync({ agentRuntimeId, signer: late }, effects)).rejects.toMatchObject(
      expected,
    );
    now = signedAt;
    const instance = { runtimeAgentInstanceId: 'rai-1', signer: late };
    await expect(createInstanceAssertionAsync(instance, effects)).rejects.toMatchObject(expected);
  });
});

describe('createAsyncAssertionSigner', () => {
  it('checks the length of a signature itself', async () => {
    const lying = { ssh: publicKey.ssh, bytes: publicKey.bytes, verify: () => true };
    const signer = { publicKey: lying, sign: async () => new Uint8Array(3) };
    const headers = createAsyncAssertionSigner({ ...subject, signer });
    await expect(headers.authorizationHeader()).rejects.toMatchObject({ code: 'signer_mismatch' });
  });

  it('asks for one signature a second, however many wait for it at the same time', async () => {
    const { headers, held } = heldSigner();
    const first = Array.from({ length: 100 }, () => headers.authorizationHeader());
    await settle();
    held.now += 999;
    const second = Array.from({ length: 100 }, () => headers.authorizationHeader());
    await settle();
    expect(held.pending).toHaveLength(1);
    held.pending[0]?.finish();
    expect(new Set(await Promise.all([...first, ...second]))).toEqual(new Set([assertionHeader]));
    expect(await headers.authorizationHeader()).toBe(assertionHeader);
    held.now += 1;
    const next = headers.authorizationHeader();
    await settle();
    expect(held.pending).toHaveLength(2);
    held.pending[1]?.finish();
    expect(await next).not.toBe(assertionHeader);
  });

  it('signs again when the clock is set back, as with a key', async () => {
    const { headers, held } = heldSigner();
    const later = headers.authorizationHeader();
    await settle();
    held.now -= 1000;
    const earlier = headers.authorizationHeader();
    await settle();
    for (const { finish } of held.pending) finish();
    expect(await earlier).not.toBe(await later);
    expect(await headers.authorizationHeader()).toBe(await earlier);
    expect(held.pending).toHaveLength(2);
  });

  it('keeps the header of the later second when an earlier signature comes after it', async () => {
    const { headers, held } = heldSigner();
    const earlier = headers.authorizationHeader();
    await settle();
    held.now += 1000;
    const later = headers.authorizationHeader();
    await settle();
    held.pending[1]?.finish();
    await later;
    held.pending[0]?.finish();
    expect(await earlier).toBe(assertionHeader);
    expect(await headers.authorizationHeader()).toBe(await later);
    expect(held.pending).toHaveLength(2);
  });

  it('ends only the wait of the caller that aborts', async () => {
    const { headers, held } = heldSigner();
    const controller = new AbortController();
    const aborted = headers.authorizationHeader({ signal: controller.signal });
    const other = headers.authorizationHeader();
    await settle();
    controller.abort(new Error('no longer needed'));
    await expect(aborted).rejects.toThrow('no longer needed');
    expect(held.pending[0]?.signal.aborted).toBe(false);
    held.pending[0]?.finish();
    expect(await other).toBe(assertionHeader);
  });

  it('ends the signature when every caller has aborted, and the next call starts another', async () => {
    const { headers, held } = heldSigner();
    const controller = new AbortController();
    const aborted = headers.authorizationHeader({ signal: controller.signal });
    await settle();
    controller.abort(new Error('no longer needed'));
    await expect(aborted).rejects.toThrow('no longer needed');
    expect(held.pending[0]?.signal.aborted).toBe(true);
    const next = headers.authorizationHeader();
    await settle();
    held.pending[1]?.finish();
    expect(await next).toBe(assertionHeader);
    await expect(headers.authorizationHeader({ signal: controller.signal })).rejects.toThrow(
      'no longer needed',
    );
  });

  it('fails for all who wait, and asks the signer again at the next call', async () => {
    const { headers, held } = heldSigner();
    const waiting = Array.from({ length: 10 }, () => headers.authorizationHeader());
    await settle();
    held.pending[0]?.fail(new Error('agent is locked'));
    for (const outcome of await Promise.allSettled(waiting)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'signer_unavailable' } });
    }
    const next = headers.authorizationHeader();
    await settle();
    held.pending[1]?.finish();
    expect(await next).toBe(assertionHeader);
  });

  it('never gives out a signature that comes after its deadline', async () => {
    const { headers, held } = heldSigner({ timeoutSeconds: 0.01 });
    await expect(headers.authorizationHeader()).rejects.toMatchObject({ code: 'signer_timed_out' });
    held.pending[0]?.finish();
    await settle();
    const next = headers.authorizationHeader();
    await settle();
    expect(held.pending).toHaveLength(2);
    held.pending[1]?.finish();
    expect(await next).toBe(assertionHeader);
  });

  it('signs for the new time when the clock was set while the signer worked', async () => {
    const { headers, held } = heldSigner();
    const waiting = headers.authorizationHeader();
    await settle();
    held.now += 3_600_000;
    held.pending[0]?.finish();
    await settle();
    held.pending[1]?.finish();
    const header = await waiting;
    expect(header).not.toBe(assertionHeader);
    expect(await headers.authorizationHeader()).toBe(header);
    expect(held.pending).toHaveLength(2);
  });

  it('refuses a signal that is none, and unknown options', async () => {
    const { headers, held } = heldSigner();
    for (const options of [{ signal: {} }, { signl: undefined }]) {
      await expect(headers.authorizationHeader(options as object)).rejects.toMatchObject({
        code: 'invalid_argument',
      });
    }
    expect(held.pending).toEqual([]);
  });

  it('reports a clock that does not work', async () => {
    const { signer } = heldSigner();
    const headers = createAsyncAssertionSigner({ ...subject, signer }, { clock: () => Number.NaN });
    await expect(headers.authorizationHeader()).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
