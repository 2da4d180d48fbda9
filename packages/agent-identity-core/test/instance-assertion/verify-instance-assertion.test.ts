import {
  generateAgentKey,
  type InstanceAssertion,
  parseInstanceAssertion,
  verifyInstanceAssertion,
} from 'agent-identity-core';
import { thrownBy } from 'test-support';
import { describe, expect, it } from 'vitest';
import { assertion, encode, fixedKey, issuedAtSeconds, signature } from '../support/fixed-instance.js';

const { publicKey } = fixedKey;
const parsed = parseInstanceAssertion(assertion);
const at = (milliseconds: number) => ({ clock: () => milliseconds });
const secondsLater = (seconds: number) => at((issuedAtSeconds + seconds) * 1000);

describe('verifyInstanceAssertion', () => {
  it('accepts a genuine assertion within its window and returns nothing', () => {
    expect(verifyInstanceAssertion(parsed, { publicKey }, secondsLater(0))).toBeUndefined();
  });

  it('uses the system clock by default', () => {
    const error = thrownBy(() => verifyInstanceAssertion(parsed, { publicKey }));
    expect(error.code).toMatch(/^instance_assertion_(expired|in_future)$/);
  });

  it('refuses an unknown option and names the nearest one', () => {
    const options = { publicKey, maxAgeSecond: 5 };
    const error = thrownBy(() => verifyInstanceAssertion(parsed, options, secondsLater(0)));
    expect(error.code).toBe('invalid_argument');
    expect(error.message).toContain('did you mean "maxAgeSeconds"?');
  });
});

describe('the window of an instance assertion', () => {
  it('is 60 seconds in both directions by default, bounds included', () => {
    for (const seconds of [60, 60.999, 0, -60]) {
      verifyInstanceAssertion(parsed, { publicKey }, secondsLater(seconds));
    }
  });

  it.each([
    [61, 'instance_assertion_expired', 'signed 61 s ago, limit 60 s'],
    [86_400, 'instance_assertion_expired', 'signed 86400 s ago, limit 60 s'],
    [-60.001, 'instance_assertion_in_future', 'signed 61 s ahead, limit 60 s'],
    [-3600, 'instance_assertion_in_future', 'signed 3600 s ahead, limit 60 s'],
  ])('is over at %d s with %s, the difference in the message', (seconds, code, message) => {
    const error = thrownBy(() => verifyInstanceAssertion(parsed, { publicKey }, secondsLater(seconds)));
    expect(error.code).toBe(code);
    expect(error.message).toContain(message);
  });

  it('is set by maxAgeSeconds for the past and leewaySeconds for the future', () => {
    const strict = { publicKey, maxAgeSeconds: 0, leewaySeconds: 0 };
    verifyInstanceAssertion(parsed, strict, secondsLater(0.999));
    expect(thrownBy(() => verifyInstanceAssertion(parsed, strict, secondsLater(1))).code).toBe(
      'instance_assertion_expired',
    );
    expect(thrownBy(() => verifyInstanceAssertion(parsed, strict, secondsLater(-0.001))).code).toBe(
      'instance_assertion_in_future',
    );
    verifyInstanceAssertion(parsed, { publicKey, maxAgeSeconds: 3600 }, secondsLater(3600));
    verifyInstanceAssertion(parsed, { publicKey, leewaySeconds: 3600 }, secondsLater(-3600));
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('cannot be %d seconds: invalid_argument', (seconds) => {
    for (const name of ['maxAgeSeconds', 'leewaySeconds']) {
      const options = { publicKey, [name]: seconds };
      expect(thrownBy(() => verifyInstanceAssertion(parsed, options, secondsLater(0))).code).toBe(
        'invalid_argument',
      );
    }
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, undefined])(
    'is not open to a clock that returns %s: invalid_argument',
    (now) => {
      expect(thrownBy(() => verifyInstanceAssertion(parsed, { publicKey }, at(now as number))).code).toBe(
        'invalid_argument',
      );
    },
  );
});

describe('verifyInstanceAssertion refuses a signature with invalid_signature', () => {
  const refuse = (changes: object, key = publicKey, seconds = 0) => {
    const changed = { ...parsed, ...changes };
    const error = thrownBy(() => verifyInstanceAssertion(changed, { publicKey: key }, secondsLater(seconds)));
    expect(error.code).toBe('invalid_signature');
    expect(error.message).toBe(
      "the signature does not match the instance's public key and the signed claims",
    );
  };

  it('if it is for another instance, second or id', () => {
    refuse({ runtimeAgentInstanceId: 'rai-00000000-0000-4000-8000-000000000002' });
    refuse({ issuedAtSeconds: issuedAtSeconds + 1 });
    refuse({ id: 'f55035f1-e752-47d9-aee8-f580f57a709e' });
  });

  it('if it is from another key', () => {
    refuse({}, generateAgentKey().publicKey);
  });

  it.each([
    ['empty', ''],
    ['padded', `${signature}==`],
    ['standard base64', Buffer.from(signature, 'base64url').toString('base64')],
    ['of 63 bytes', encode(Buffer.from(signature, 'base64url').subarray(1))],
    ['with stray bits', `${signature.slice(0, -1)}${signature.endsWith('A') ? 'B' : 'R'}`],
    ['undefined', undefined],
    ['bytes', Buffer.from(signature, 'base64url')],
  ])('if it is %s', (_form, value) => {
    refuse({ signature: value });
  });

  it('before it checks the age, so that only a genuine assertion learns its age', () => {
    refuse({ id: 'f55035f1-e752-47d9-aee8-f580f57a709e' }, publicKey, 1e6);
  });
});

describe('verifyInstanceAssertion refuses claims that parseInstanceAssertion refuses', () => {
  it.each<[keyof InstanceAssertion, unknown]>([
    ['runtimeAgentInstanceId', ''],
    ['runtimeAgentInstanceId', '\ud800'],
    ['runtimeAgentInstanceId', undefined],
    ['issuedAtSeconds', 1.5],
    ['issuedAtSeconds', -1],
    ['issuedAtSeconds', Number.NaN],
    ['issuedAtSeconds', 1e15],
    ['issuedAtSeconds', '1795646885'],
    ['id', ''],
    ['id', parsed.id.toUpperCase()],
    ['id', '00000000-0000-0000-0000-000000000000'],
    ['id', '"},"x":"'],
    ['id', undefined],
  ])('%s: %j', (name, value) => {
    const error = thrownBy(() =>
      verifyInstanceAssertion({ ...parsed, [name]: value }, { publicKey }, secondsLater(0)),
    );
    expect(error.code).toBe('malformed_instance_assertion');
    expect(error.message).toMatch(new RegExp(`^${name}: expected .+, got .+$`));
  });
});
