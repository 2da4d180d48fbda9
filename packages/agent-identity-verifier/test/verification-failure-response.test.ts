import { AgentIdentityError } from 'agent-identity-core';
import { errorBodySchema } from 'agent-identity-core/wire';
import { type VerificationErrorCode, verificationFailureResponse } from 'agent-identity-verifier';
import { describe, expect, it } from 'vitest';

const secret = 'AgentAssertion eyJhZ2VudF9ydW50aW1lX2lkIjoiYSJ9';

function answerTo(code: VerificationErrorCode) {
  return verificationFailureResponse(new AgentIdentityError(code, `a message with ${secret}`));
}

describe('401, with a challenge', () => {
  it.each([
    ['malformed_assertion', 'malformed_assertion'],
    ['invalid_signature', 'invalid_signature'],
    ['agent_runtime_not_found', 'invalid_signature'],
    ['assertion_expired', 'assertion_expired'],
    ['assertion_in_future', 'assertion_in_future'],
    ['task_not_found', 'task_not_found'],
    ['task_expired', 'task_expired'],
    ['invalid_task_id', 'invalid_task_id'],
  ] as const)('answers %s with the code %s', (code, wireCode) => {
    const { status, headers, body } = answerTo(code);
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe(`AgentAssertion error="${wireCode}"`);
    expect(body.error.code).toBe(wireCode);
  });

  it('names no error to a request that offered nothing', () => {
    const { status, headers, body } = answerTo('missing_assertion');
    expect(status).toBe(401);
    expect(headers['www-authenticate']).toBe('AgentAssertion');
    expect(body.error.code).toBe('missing_assertion');
  });

  it('tells an unknown runtime by nothing from a wrong signature', () => {
    expect(answerTo('agent_runtime_not_found')).toEqual(answerTo('invalid_signature'));
  });
});

describe('403', () => {
  it.each(['agent_runtime_deleted', 'agent_runtime_revoked'] as const)(
    'answers %s with the message that clients know',
    (code) => {
      expect(answerTo(code)).toMatchObject({
        status: 403,
        body: { error: { code: 'agent_runtime_deleted', message: 'Agent runtime has been deleted.' } },
      });
    },
  );

  it.each(['agent_runtime_expired', 'missing_account_id', 'account_mismatch'] as const)(
    'answers %s without a challenge',
    (code) => {
      const { status, headers, body } = answerTo(code);
      expect(status).toBe(403);
      expect(headers).not.toHaveProperty('www-authenticate');
      expect(body.error.code).toBe(code);
    },
  );
});

it('answers a directory that cannot answer with 503, and when to come back', () => {
  const { status, headers } = answerTo('directory_unavailable');
  expect(status).toBe(503);
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
  expect(headers).not.toHaveProperty('www-authenticate');
});

it.each([
  ['an error of another package', new AgentIdentityError('wrong_issuer', secret)],
  ['a code that is a member of every object', new AgentIdentityError('constructor', secret)],
  ['a wrong option', new AgentIdentityError('invalid_argument', secret)],
  ['any other error', new Error(secret)],
  ['no error at all', undefined],
])('answers %s with a 500 that tells nothing', (_what, error) => {
  expect(verificationFailureResponse(error)).toMatchObject({
    status: 500,
    body: { error: { code: 'internal_error', message: 'The request could not be handled.' } },
  });
});

it('puts nothing of the error into the answer, and writes bodies that clients can read', () => {
  const codes: VerificationErrorCode[] = ['invalid_signature', 'task_not_found', 'directory_unavailable'];
  for (const code of codes) {
    const answer = answerTo(code);
    expect(JSON.stringify(answer)).not.toContain(secret);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' });
    expect(errorBodySchema.parse(answer.body)).toEqual(answer.body);
  }
});
