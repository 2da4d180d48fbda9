import { AgentIdentityError } from 'agent-identity-core';
import {
  type AgentActor,
  type BearerContext,
  type VerifyBearer,
  verificationFailureResponse,
} from 'agent-identity-verifier';
import { printedForms } from 'test-support';
import { describe, expect, it } from 'vitest';
import { collectWarnings } from '../support/collect-warnings.js';
import {
  assertionOf,
  chatgptActor,
  knownInstance,
  platformActor,
  verifierForBoth,
} from '../support/known-instance.js';

/** Sends a request with a new assertion of an instance of this actor beside a bearer token. */
function dualHeader(verifyBearer: VerifyBearer | undefined, actor: AgentActor = chatgptActor) {
  const instance = knownInstance(actor);
  const failures: unknown[] = [];
  const verifier = verifierForBoth(instance, {
    verifyBearer,
    onFailure: (error, source) => failures.push(source, error),
  });
  const accountId = actor.kind === 'chatgpt' ? actor.accountId : undefined;
  const send = (authorization: string | undefined = 'Bearer token-1', context: object = {}) =>
    verifier.verify(authorization, { accountId, instanceAssertion: assertionOf(instance), ...context });
  return { send, failures };
}

describe('a bearer token beside an assertion', () => {
  it.each([[chatgptActor], [platformActor], [{ ...platformActor, projectId: 'project-1' }]])(
    'passes if it belongs to the actor of the instance: %j',
    async (actor) => {
      const { send } = dualHeader(async () => ({ ...actor }), actor);
      expect(await send()).toMatchObject({ generation: 2, actor });
    },
  );

  it.each<[string, AgentActor, AgentActor]>([
    ['another user', chatgptActor, { ...chatgptActor, userId: 'user-2' }],
    ['another account', chatgptActor, { ...chatgptActor, accountId: 'account-2' }],
    ['another kind of actor', chatgptActor, platformActor],
    ['another kind of actor', platformActor, chatgptActor],
    ['another organization', platformActor, { ...platformActor, organizationId: 'org-2' }],
    ['another project', platformActor, { ...platformActor, projectId: 'project-1' }],
    ['no project', { ...platformActor, projectId: 'project-1' }, platformActor],
  ])('is refused if it belongs to %s', async (_what, actor, bearer) => {
    const { send } = dualHeader(() => bearer, actor);
    const error = await send().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'actor_mismatch' });
    expect(verificationFailureResponse(error)).toMatchObject({
      status: 403,
      body: { error: { code: 'runtime_assertion_invalid' } },
    });
  });

  it('is refused without verifyBearer, whatever it is', async () => {
    const { send } = dualHeader(undefined);
    const error = await send().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'dual_header_not_accepted' });
    expect(verificationFailureResponse(error)).toMatchObject({ status: 403 });
  });

  it.each([
    ['Bearer a b'],
    ['Bearer '],
    ['Bearer one, Bearer two'],
    ['Basic dXNlcjpwYXNz'],
    ['sk-live-0123456789'],
    ['agentassertion x'],
    [''],
  ])('must be one bearer token: %j is refused', async (authorization) => {
    const judged: string[] = [];
    const { send } = dualHeader((token) => {
      judged.push(token);
      return chatgptActor;
    });
    const error = await send(authorization).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'invalid_bearer' });
    expect(judged).toEqual([]);
    const printed = printedForms(error);
    for (const secret of ['dXNlcjpwYXNz', '0123456789']) expect(printed).not.toContain(secret);
  });

  it.each([[undefined], [null]])(
    'that verifyBearer answers with %j gets a 401 that makes clients refresh it',
    async (answer) => {
      const { send, failures } = dualHeader(() => answer);
      const error = await send('Bearer at-0123456789').catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'invalid_bearer', retryable: false });
      expect(printedForms(error)).not.toContain('0123456789');
      expect(verificationFailureResponse(error)).toMatchObject({
        status: 401,
        headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
        body: { error: { code: 'invalid_bearer' } },
      });
      expect(failures).toEqual([]);
    },
  );

  it('does not use up the assertion if it is refused', async () => {
    const instance = knownInstance();
    const answers = [undefined, chatgptActor, chatgptActor];
    const verifier = verifierForBoth(instance, { verifyBearer: () => answers.shift() });
    const context = { accountId: 'account-1', instanceAssertion: assertionOf(instance) };
    await expect(verifier.verify('Bearer old', context)).rejects.toMatchObject({ code: 'invalid_bearer' });
    await verifier.verify('Bearer new', context);
    await expect(verifier.verify('Bearer new', context)).rejects.toMatchObject({
      code: 'instance_assertion_replayed',
    });
  });
});

describe('verifyBearer', () => {
  it('gets the token and the facts of the request', async () => {
    const calls: [string, BearerContext][] = [];
    const { send } = dualHeader((...call) => {
      calls.push(call);
      return platformActor;
    }, platformActor);
    await send('Bearer sk-1');
    const facts = { organizationId: 'org-1', projectId: 'project-1', clientAddress: '192.0.2.1' };
    await send('bearer  eyJhbGciOiJub25lIn0.e30.c2ln==', facts);
    expect(calls).toEqual([
      [
        'sk-1',
        { accountId: undefined, organizationId: undefined, projectId: undefined, clientAddress: undefined },
      ],
      ['eyJhbGciOiJub25lIn0.e30.c2ln==', { accountId: undefined, ...facts }],
    ]);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('at-0123456789 cannot be checked');
      },
    ],
    ['rejects', () => Promise.reject(new Error('at-0123456789 cannot be checked'))],
  ])('that %s causes a retryable 503, and is reported', async (_how, verifyBearer) => {
    const { send, failures } = dualHeader(verifyBearer);
    const error = await send('Bearer at-0123456789').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bearer_check_unavailable', retryable: true });
    expect(printedForms(error)).not.toContain('0123456789');
    expect(verificationFailureResponse(error)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
    });
    expect(failures).toEqual(['verify_bearer', expect.any(Error)]);
    expect((error as Error).cause).toBeUndefined();
  });

  it('that fails with an error of this family has it as the cause', async () => {
    const cause = new AgentIdentityError('timed_out', 'the look-up took too long');
    const { send } = dualHeader(() => Promise.reject(cause));
    const error = await send('Bearer at-0123456789').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'bearer_check_unavailable', cause });
  });

  it.each([
    [true],
    ['user-1'],
    [{}],
    [{ kind: 'chatgpt', userId: 'user-1' }],
    [{ kind: 'chatgpt', user_id: 'user-1', account_id: 'account-1' }],
    [{ ...platformActor, projectId: undefined }],
  ])('that answers with another kind of value causes a 500: %j', async (answer) => {
    const { send } = dualHeader(() => answer as never);
    const error = await send().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'invalid_argument',
      message: expect.stringMatching(/^verifyBearer\(\)/),
    });
    expect(verificationFailureResponse(error)).toMatchObject({ status: 500 });
  });

  it('that throws is a process warning without onFailure', async () => {
    const instance = knownInstance();
    const verifier = verifierForBoth(instance, {
      verifyBearer: () => Promise.reject(new TypeError('a secret')),
    });
    const warnings = await collectWarnings(() =>
      expect(
        verifier.verify('Bearer t', { accountId: 'account-1', instanceAssertion: assertionOf(instance) }),
      ).rejects.toThrow(),
    );
    expect(warnings).toEqual([
      'verifyBearer failed: TypeError. The option onFailure receives the error itself',
    ]);
  });
});
