import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { base, claims, gitHub, openRules, tokenOf } from '../support/federation.js';

describe('a rule', () => {
  it.each([
    [{ claim: 'role', equals: 'agent' }, { role: 'agent' }, true],
    [{ claim: 'role', equals: 'agent' }, { role: 'Agent' }, false],
    [{ claim: 'role', equals: 'agent' }, {}, false],
    [{ claim: 'role', equals: 'agent' }, { role: ['admin', 'agent'] }, true],
    [{ claim: 'role', equals: 'agent' }, { role: { agent: true } }, false],
    [{ claim: 'verified', equals: true }, { verified: true }, true],
    [{ claim: 'verified', equals: true }, { verified: 'true' }, false],
    [{ claim: 'level', equals: 3 }, { level: 3 }, true],
    [{ claim: 'role', oneOf: ['a', 'b'] }, { role: 'b' }, true],
    [{ claim: 'role', oneOf: ['a', 'b'] }, { role: 'ab' }, false],
    [
      { claim: ['kubernetes.io', 'namespace'], equals: 'agents' },
      { 'kubernetes.io': { namespace: 'agents' } },
      true,
    ],
    [{ claim: ['a', 'constructor', 'name'], equals: 'Object' }, { a: {} }, false],
    [{ claim: 'repository', glob: 'org/*' }, { repository: 'org/app' }, true],
    [{ claim: 'repository', glob: 'org/*' }, { repository: 'org/app/evil' }, false],
    [{ claim: 'repository', glob: 'org/*' }, { repository: 'evil-org/app' }, false],
    [
      { claim: 'sub', glob: 'repo:org/*:ref:refs/heads/main' },
      { sub: 'repo:org/app:ref:refs/heads/main' },
      true,
    ],
    [
      { claim: 'sub', glob: 'repo:org/*:ref:refs/heads/main' },
      { sub: 'repo:org/a:x:ref:refs/heads/main' },
      false,
    ],
    [{ claim: 'host', glob: 'a.example' }, { host: 'aXexample' }, false],
    [{ claim: 'host', glob: '*' }, { host: '' }, true],
    [{ claim: 'host', glob: '*' }, { host: 7 }, false],
  ])('with %j and the claims %j: %s', async (condition, added, fits) => {
    const { federated, refusals } = openRules([{ ...base, conditions: [condition] }]);
    const verdict = federated.authenticate(await tokenOf({ ...claims, ...added }));
    if (fits) expect(await verdict).toMatchObject({ accountId: 'account-1' });
    else {
      await expect(verdict).rejects.toMatchObject({ code: 'insufficient_scope' });
      expect(refusals).toMatchObject([
        { reason: 'role', message: expect.stringContaining('rule-1: claim ') },
      ]);
    }
  });
});

describe('a glob', () => {
  const word = fc.stringMatching(/^[\w.$^+()[\]{}|?\\-]{1,8}$/);
  const fits = async (glob: string, value: string) => {
    const { federated } = openRules([{ ...base, conditions: [{ claim: 'value', glob }] }]);
    return (await federated.explain(await tokenOf({ ...claims, value }))).account !== undefined;
  };

  it('matches itself, and no other text', async () => {
    await fc.assert(
      fc.asyncProperty(word, word, async (one, other) => {
        expect(await fits(one, one)).toBe(true);
        expect(await fits(one, other)).toBe(one === other);
      }),
      { numRuns: 100 },
    );
  });

  it('with many stars decides like a pattern, and at once on long claims', async () => {
    const letters = fc.stringMatching(/^[ab]{0,6}$/);
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[ab*]{1,6}$/), letters, async (glob, value) => {
        expect(await fits(glob, value)).toBe(new RegExp(`^${glob.replaceAll('*', '.*')}$`).test(value));
      }),
      { numRuns: 300 },
    );
    // A pattern that tries all ways would take longer than the test may.
    expect(await fits(`${'*-'.repeat(20)}x`, '-'.repeat(10_000))).toBe(false);
  });

  it('has a star for one segment only', async () => {
    await fc.assert(
      fc.asyncProperty(word, word, fc.constantFrom('/', ':'), async (one, other, separator) => {
        expect(await fits(`${one}/*`, `${one}/${other}`)).toBe(true);
        expect(await fits(`${one}/*`, `${one}/${other}${separator}${other}`)).toBe(false);
        expect(await fits(`${one}/*`, `x${one}/${other}`)).toBe(false);
      }),
      { numRuns: 100 },
    );
  });
});

describe('an issuer that anybody can get tokens of', () => {
  const rule = { ...base, issuer: gitHub };

  it.each([
    [[]],
    [[{ claim: 'ref', equals: 'refs/heads/main' }]],
    [[{ claim: 'repository', glob: '*' }]],
    [[{ claim: 'repository', glob: '*/app' }]],
    [[{ claim: 'repository', glob: 'example*' }]],
    [[{ claim: 'sub', glob: 'repo:*' }]],
    [[{ claim: 'sub', equals: 'environment:production' }]],
    [[{ claim: 'job_workflow_ref', glob: 'example-org/app/.github/workflows/*' }]],
    [[{ claim: 'sub', glob: 'repo:example*/app:*' }]],
    [[{ claim: ['nested', 'repository'], equals: 'example-org/app' }]],
  ])('needs a condition about the owner: %j is refused', (conditions) => {
    expect(() => openRules([{ ...rule, conditions }])).toThrow(
      expect.objectContaining({ code: 'invalid_argument', message: expect.stringContaining('anybody') }),
    );
    expect(() => openRules([{ ...rule, issuer: `${gitHub}/`, conditions }])).toThrow('anybody');
  });

  it.each([
    [{ claim: 'repository_owner', equals: 'example-org' }],
    [{ claim: 'repository', glob: 'example-org/*' }],
    [{ claim: 'repository', oneOf: ['example-org/a', 'example-org/b'] }],
    [{ claim: 'repository_id', equals: '74' }],
  ])('takes %j', (condition) => {
    expect(() => openRules([{ ...rule, conditions: [condition] }])).not.toThrow();
  });
});
