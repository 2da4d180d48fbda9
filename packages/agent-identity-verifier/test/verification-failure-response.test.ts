import { AgentIdentityError } from 'agent-identity-core';
import { errorBodySchema } from 'agent-identity-core/wire';
import { type VerificationErrorCode, verificationFailureResponse } from 'agent-identity-verifier';
import { describe, expect, it } from 'vitest';

const secret = 'AgentAssertion eyJhZ2VudF9ydW50aW1lX2lkIjoiYSJ9';

function responseTo(code: VerificationErrorCode) {
  return verificationFailureResponse(new AgentIdentityError(code, `a message with ${secret}`));
}

describe('a 401', () => {
  it.each([
    ['malformed_assertion', 'malformed_assertion'],
    ['invalid_signature', 'invalid_signature'],
    ['agent_runtime_not_found', 'invalid_signature'],
    ['assertion_expired', 'assertion_expired'],
    ['assertion_in_future', 'assertion_in_future'],
    ['task_not_found', 'task_not_found'],
    ['task_expired', 'task_expired'],
    ['invalid_task_id', 'invalid_task_id'],
    ['malformed_instance_assertion', 'runtime_assertion_invalid'],
    ['runtime_instance_not_found', 'invalid_signature'],
    ['runtime_instance_expired', 'runtime_instance_expired'],
  ] as const)('is the response to %s, with the code %s and a challenge', (code, wireCode) => {
    const { status, headers, body } = responseTo(code);
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe(`AgentAssertion error="${wireCode}"`);
    expect(body.error.code).toBe(wireCode);
  });

  it.each(['missing_assertion', 'unsupported_scheme'] as const)(
    'has a challenge without an error for %s',
    (code) => {
      const { status, headers, body } = responseTo(code);
      expect(status).toBe(401);
      expect(headers['www-authenticate']).toBe('AgentAssertion');
      expect(body.error.code).toBe(code);
    },
  );

  it('has a challenge for a bearer token for invalid_bearer', () => {
    const { status, headers, body } = responseTo('invalid_bearer');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('Bearer error="invalid_token"');
    expect(body.error.code).toBe('invalid_bearer');
  });

  it('is the same for an unknown runtime or instance as for an invalid signature', () => {
    expect(responseTo('agent_runtime_not_found')).toEqual(responseTo('invalid_signature'));
    expect(responseTo('runtime_instance_not_found')).toEqual(responseTo('invalid_signature'));
  });
});

describe('a 403', () => {
  it.each(['agent_runtime_deleted', 'agent_runtime_revoked'] as const)(
    'is the response to %s, with the message that clients know',
    (code) => {
      expect(responseTo(code)).toMatchObject({
        status: 403,
        body: { error: { code: 'agent_runtime_deleted', message: 'Agent runtime has been deleted.' } },
      });
    },
  );

  it('is the response to actor_mismatch, with the code at which clients of the second generation stop', () => {
    expect(responseTo('actor_mismatch')).toMatchObject({
      status: 403,
      body: { error: { code: 'runtime_assertion_invalid' } },
    });
  });

  it.each([
    'agent_runtime_expired',
    'missing_account_id',
    'account_mismatch',
    'generation_not_accepted',
    'dual_header_not_accepted',
    'instance_assertion_expired',
    'instance_assertion_in_future',
    'instance_assertion_replayed',
    'runtime_instance_suspended',
    'runtime_instance_revoked',
  ] as const)('is the response to %s, without a challenge', (code) => {
    const { status, headers, body } = responseTo(code);
    expect(status).toBe(403);
    expect(headers).not.toHaveProperty('www-authenticate');
    expect(body.error.code).toBe(code);
  });
});

it.each([
  ['directory_unavailable', 'directory_unavailable'],
  ['bearer_check_unavailable', 'bearer_check_unavailable'],
  ['replay_store_unavailable', 'replay_store_unavailable'],
  ['replay_store_full', 'replay_store_unavailable'],
] as const)('the response to %s is a 503 with Retry-After and the code %s', (code, wireCode) => {
  const { status, headers, body } = responseTo(code);
  expect(status).toBe(503);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(headers).not.toHaveProperty('www-authenticate');
  expect(body.error.code).toBe(wireCode);
});

it.each(['directory_unauthorized', 'invalid_directory_response'] as const)(
  'the response to %s is a 503 that names the fault, without Retry-After',
  (code) => {
    const { status, headers, body } = responseTo(code);
    expect(status).toBe(503);
    expect(headers).not.toHaveProperty('retry-after');
    expect(body.error.code).toBe(code);
    expect(body.error.message).toContain('operator');
  },
);

it.each([
  ['an error of another package', new AgentIdentityError('wrong_issuer', secret)],
  ['a code that is a member of every object', new AgentIdentityError('constructor', secret)],
  ['an invalid option', new AgentIdentityError('invalid_argument', secret)],
  ['any other error', new Error(secret)],
  ['undefined', undefined],
])('the response to %s is a 500 without details', (_what, error) => {
  expect(verificationFailureResponse(error)).toMatchObject({
    status: 500,
    body: { error: { code: 'internal_error', message: 'The request could not be handled.' } },
  });
});

it('no response contains parts of the error, and clients can read all bodies', () => {
  const codes: VerificationErrorCode[] = ['invalid_signature', 'task_not_found', 'directory_unavailable'];
  for (const code of codes) {
    const response = responseTo(code);
    expect(JSON.stringify(response)).not.toContain(secret);
    expect(response.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    expect(errorBodySchema.parse(response.body)).toEqual(response.body);
  }
});

it('only the codes of the protocol that make clients of the second generation stop are sent for that purpose', () => {
  const final = ['runtime_instance_revoked', 'runtime_assertion_invalid'];
  const codes: VerificationErrorCode[] = [
    'generation_not_accepted',
    'malformed_instance_assertion',
    'runtime_instance_not_found',
    'instance_assertion_expired',
    'instance_assertion_in_future',
    'instance_assertion_replayed',
    'runtime_instance_suspended',
    'runtime_instance_revoked',
    'runtime_instance_expired',
    'dual_header_not_accepted',
    'invalid_bearer',
    'actor_mismatch',
    'bearer_check_unavailable',
    'replay_store_unavailable',
    'replay_store_full',
  ];
  const stopping = codes.filter((code) => final.includes(responseTo(code).body.error.code));
  expect(stopping).toEqual(['malformed_instance_assertion', 'runtime_instance_revoked', 'actor_mismatch']);
  for (const code of stopping) expect([401, 403]).toContain(responseTo(code).status);
});
