import { type CredentialDigest, credentialDigests } from 'agent-identity-authority-core';
import { describe, expect, it } from 'vitest';
import { platformActor as actor, apiKey, sha256 } from '../support/instance-registration.js';

const none = { organizationId: undefined, projectId: undefined };

describe('credentialDigests', () => {
  const second = { ...actor, organizationId: 'org-2', projectId: 'project-2' };
  const authenticator = credentialDigests([
    { sha256: sha256(apiKey), actor },
    { sha256: sha256(apiKey), actor: second },
  ]);

  it('returns the first actor of a credential, or the one that the client selected', () => {
    expect(authenticator.authenticate(apiKey, none)).toEqual(actor);
    expect(authenticator.authenticate(apiKey, { ...none, organizationId: 'org-2' })).toEqual(second);
    expect(authenticator.authenticate(apiKey, { ...none, projectId: 'project-2' })).toEqual(second);
  });

  it('knows no other credential', () => {
    for (const other of ['', `${apiKey} `, sha256(apiKey)]) {
      expect(authenticator.authenticate(other, none)).toBeUndefined();
    }
  });

  it.each<[string, unknown]>([
    ['no list', {}],
    ['a credential instead of its digest', [{ sha256: apiKey, actor }]],
    ['a digest in upper case', [{ sha256: sha256(apiKey).toUpperCase(), actor }]],
    ['no actor', [{ sha256: sha256(apiKey) }]],
    ['an unknown member', [{ sha256: sha256(apiKey), actor, projects: [] }]],
    ['text as active', [{ sha256: sha256(apiKey), actor, active: 'no' }]],
  ])('refuses %s, without quoting it', (_what, entries) => {
    let message = '';
    try {
      credentialDigests(entries as readonly CredentialDigest[]);
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid_argument' });
      message = String((error as Error).stack);
    }
    expect(message).not.toBe('');
    expect(message).not.toContain(apiKey);
  });
});
