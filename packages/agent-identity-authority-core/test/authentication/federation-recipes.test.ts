import type { FederationRule } from 'agent-identity-authority-core';
import { describe, expect, it } from 'vitest';
import { gitHub, jwks, openRules, tokenOf } from '../support/federation.js';

/** Tokens as the documentation of each issuer shows them. */
const recipes: readonly {
  readonly name: string;
  readonly rule: Omit<FederationRule, 'name' | 'jwks'>;
  readonly claims: Record<string, unknown>;
  readonly account: { readonly accountId: string; readonly chatgptUserId: string };
  /** Of somebody else, by one claim. */
  readonly foreign: Record<string, unknown>;
}[] = [
  {
    name: 'GitHub Actions',
    rule: {
      issuer: gitHub,
      audience: 'https://agents.example.com',
      conditions: [
        { claim: 'repository_owner', equals: 'example-org' },
        { claim: 'ref', equals: 'refs/heads/main' },
      ],
      accountIdClaim: 'repository_owner_id',
      chatgptUserIdClaim: 'repository',
    },
    claims: {
      iss: gitHub,
      aud: 'https://agents.example.com',
      sub: 'repo:example-org/app:ref:refs/heads/main',
      repository: 'example-org/app',
      repository_owner: 'example-org',
      repository_owner_id: '65',
      ref: 'refs/heads/main',
      job_workflow_ref: 'example-org/app/.github/workflows/deploy.yml@refs/heads/main',
    },
    account: { accountId: '65', chatgptUserId: 'example-org/app' },
    foreign: { repository_owner: 'other-org' },
  },
  {
    name: 'GitLab',
    rule: {
      issuer: 'https://gitlab.com',
      audience: 'https://agents.example.com',
      conditions: [
        { claim: 'namespace_path', equals: 'example-group' },
        { claim: 'ref_protected', equals: 'true' },
      ],
      accountIdClaim: 'namespace_id',
      chatgptUserIdClaim: 'user_login',
      emailClaim: 'user_email',
    },
    claims: {
      iss: 'https://gitlab.com',
      aud: 'https://agents.example.com',
      sub: 'project_path:example-group/app:ref_type:branch:ref:main',
      namespace_id: '72',
      namespace_path: 'example-group',
      project_path: 'example-group/app',
      ref_protected: 'true',
      user_login: 'sample-user',
      user_email: 'sample-user@example.com',
    },
    account: { accountId: '72', chatgptUserId: 'sample-user' },
    foreign: { namespace_path: 'other-group' },
  },
  {
    name: 'Kubernetes service accounts',
    rule: {
      issuer: 'https://kubernetes.default.svc',
      audience: 'agents',
      conditions: [
        { claim: ['kubernetes.io', 'namespace'], equals: 'agents' },
        { claim: ['kubernetes.io', 'serviceaccount', 'name'], oneOf: ['coder', 'reviewer'] },
      ],
      accountId: 'cluster-1',
    },
    claims: {
      iss: 'https://kubernetes.default.svc',
      aud: ['agents'],
      sub: 'system:serviceaccount:agents:coder',
      'kubernetes.io': { namespace: 'agents', serviceaccount: { name: 'coder', uid: 'd6a4' } },
    },
    account: { accountId: 'cluster-1', chatgptUserId: 'system:serviceaccount:agents:coder' },
    foreign: { 'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'coder' } } },
  },
  {
    name: 'SPIFFE JWT-SVID',
    rule: {
      issuer: 'https://spire.example.org',
      audience: 'agents',
      conditions: [{ claim: 'sub', glob: 'spiffe://example.org/agents/*' }],
      accountId: 'example.org',
    },
    claims: { iss: 'https://spire.example.org', aud: ['agents'], sub: 'spiffe://example.org/agents/coder' },
    account: { accountId: 'example.org', chatgptUserId: 'spiffe://example.org/agents/coder' },
    foreign: { sub: 'spiffe://example.org/billing/agents/coder' },
  },
  {
    name: 'Okta',
    rule: {
      issuer: 'https://example.okta.com/oauth2/default',
      audience: 'api://agents',
      conditions: [{ claim: 'scp', equals: 'agents.register' }],
      accountId: 'example',
      chatgptUserIdClaim: 'uid',
      emailClaim: 'sub',
    },
    claims: {
      iss: 'https://example.okta.com/oauth2/default',
      aud: 'api://agents',
      sub: 'user@example.com',
      uid: '00uid4BxXw6I6TV4m0g3',
      cid: '0oa1gegd1Gt1YPlUR0g4',
      scp: ['openid', 'agents.register'],
    },
    account: { accountId: 'example', chatgptUserId: '00uid4BxXw6I6TV4m0g3' },
    foreign: { scp: ['openid'] },
  },
  {
    name: 'Auth0, whose issuer ends in a slash',
    rule: {
      issuer: 'https://example.eu.auth0.com',
      audience: 'https://agents.example.com',
      accountIdClaim: 'org_id',
    },
    claims: {
      iss: 'https://example.eu.auth0.com/',
      aud: ['https://agents.example.com', 'https://example.eu.auth0.com/userinfo'],
      sub: 'auth0|65f1',
      org_id: 'org_9ybsU1dN2dKfDkBi',
    },
    account: { accountId: 'org_9ybsU1dN2dKfDkBi', chatgptUserId: 'auth0|65f1' },
    foreign: { aud: 'https://other.example.com' },
  },
  {
    name: 'Entra ID, tokens of version 1',
    rule: {
      issuer: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
      audience: 'api://agents',
      accountIdClaim: 'tid',
      chatgptUserIdClaim: 'oid',
      emailClaim: 'upn',
    },
    claims: {
      iss: 'https://sts.windows.net/11111111-2222-3333-4444-555555555555/',
      aud: 'api://agents',
      tid: '11111111-2222-3333-4444-555555555555',
      oid: 'oid-1',
      upn: 'user@example.com',
      ver: '1.0',
    },
    account: { accountId: '11111111-2222-3333-4444-555555555555', chatgptUserId: 'oid-1' },
    foreign: { iss: 'https://sts.windows.net/99999999-2222-3333-4444-555555555555/' },
  },
  {
    name: 'Entra ID, tokens of version 2',
    rule: {
      issuer: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
      audience: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      conditions: [{ claim: 'roles', equals: 'Agents.Register' }],
      accountIdClaim: 'tid',
      chatgptUserIdClaim: 'oid',
    },
    claims: {
      iss: 'https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/v2.0',
      aud: '6e74172b-be56-4843-9ff4-e66a39bb12e3',
      tid: '11111111-2222-3333-4444-555555555555',
      oid: 'oid-1',
      roles: ['Agents.Register'],
      ver: '2.0',
    },
    account: { accountId: '11111111-2222-3333-4444-555555555555', chatgptUserId: 'oid-1' },
    foreign: { roles: [] },
  },
  {
    name: 'Keycloak',
    rule: {
      issuer: 'https://login.example.com/realms/example',
      audience: 'agents',
      conditions: [{ claim: ['realm_access', 'roles'], equals: 'agent-owner' }],
      accountId: 'example',
      emailClaim: 'email',
    },
    claims: {
      iss: 'https://login.example.com/realms/example',
      aud: ['agents', 'account'],
      sub: 'f3b1',
      email: 'user@example.com',
      realm_access: { roles: ['offline_access', 'agent-owner'] },
    },
    account: { accountId: 'example', chatgptUserId: 'f3b1' },
    foreign: { realm_access: { roles: ['offline_access'] } },
  },
  {
    name: 'Amazon Cognito, whose access tokens have no aud',
    rule: {
      issuer: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      audience: '1example23456789',
      audienceClaim: 'client_id',
      conditions: [{ claim: 'token_use', equals: 'access' }],
      accountId: 'example',
    },
    claims: {
      iss: 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbCdEfGhI',
      sub: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee',
      client_id: '1example23456789',
      token_use: 'access',
      scope: 'agents/register',
    },
    account: { accountId: 'example', chatgptUserId: 'aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee' },
    foreign: { client_id: 'another-client' },
  },
];

describe.each(recipes)('the recipe for $name', ({ name, rule, claims: given, account, foreign }) => {
  const { federated } = openRules([{ ...rule, name, jwks }]);

  it('accepts its token', async () => {
    expect(await federated.authenticate(await tokenOf(given))).toMatchObject(account);
  });

  it('refuses a token of somebody else', async () => {
    const { account: refused } = await federated.explain(await tokenOf({ ...given, ...foreign }));
    expect(refused).toBeUndefined();
  });
});
