/** All roles, the least first. */
export const roles = ['viewer', 'operator', 'administrator'] as const;
/** A role of an administrator. */
export type Role = (typeof roles)[number];

/** The accounts of the seeded agents. Limited administrators are limited to the first one. */
export type Account = 'account-own' | 'account-other';

/** The ids of what an account has, and of a signing key. */
export interface Seed {
  readonly account: Account;
  readonly agent: string;
  readonly task: string;
  readonly instance: string;
  readonly enrollment: string;
  readonly signingKey: string;
}

/** What each role is answered. */
export interface Expectation {
  /** What is sent for an account; a GET without a body. */
  readonly request: (seed: Seed) => { readonly path: string; readonly body?: object };
  /** The statuses for a viewer, an operator and an administrator: of all accounts, and limited, for their account and another one. */
  readonly all: readonly number[];
  readonly own: readonly number[];
  readonly other: readonly number[];
}

const everybody = [200, 200, 200];
const operators = [403, 200, 200];
const nobody = [403, 403, 403];
/** Reads, and lists that are filtered: what is of another account is missing. */
const read = { all: everybody, own: everybody, other: everybody };
const readOne = { ...read, other: [404, 404, 404] };
const readGlobal = { all: everybody, own: nobody, other: nobody };
const changeOne = { all: operators, own: operators, other: [403, 404, 404] };
const changeMany = { all: operators, own: operators, other: operators };
const create = { all: [403, 201, 201], own: [403, 201, 201], other: [403, 404, 404] };
const changeGlobal = { all: [403, 403, 200], own: nobody, other: nobody };

const get = (path: (seed: Seed) => string) => (seed: Seed) => ({ path: path(seed) });
const post =
  (path: (seed: Seed) => string, body: (seed: Seed) => object = () => ({})) =>
  (seed: Seed) => ({ path: path(seed), body: body(seed) });
const ofAccount = ({ account }: Seed) => ({ account_id: account });
/** The body that issues to or enrolls for an account. */
export const member = ({ account }: Pick<Seed, 'account'>) => ({
  account: {
    account_id: account,
    chatgpt_user_id: 'user-1',
    plan_type: 'business',
    is_fedramp: false,
  },
});
const agent = (rest: string) => (seed: Seed) => `/v1/admin/agents/${seed.agent}${rest}`;
const instance = (rest: string) => (seed: Seed) => `/v1/admin/instances/${seed.instance}${rest}`;
/** All operations of administrators, as the OpenAPI document names them. */
export const table: Readonly<Record<string, Expectation>> = {
  'get /v1/admin/me': { request: get(() => '/v1/admin/me'), ...read },
  'get /v1/admin/agents': {
    request: get(({ account }) => `/v1/admin/agents?account_id=${account}`),
    ...read,
  },
  'get /v1/admin/agents/{agent_runtime_id}': { request: get(agent('')), ...readOne },
  // A runtime that does not exist has an empty list, too.
  'get /v1/admin/agents/{agent_runtime_id}/tasks': { request: get(agent('/tasks')), ...read },
  'get /v1/admin/instances': {
    request: get(({ account }) => `/v1/admin/instances?account_id=${account}`),
    ...read,
  },
  'get /v1/admin/instances/{runtime_agent_instance_id}': { request: get(instance('')), ...readOne },
  'get /v1/admin/enrollment-tokens': { request: get(() => '/v1/admin/enrollment-tokens'), ...read },
  'get /v1/admin/signing-keys': { request: get(() => '/v1/admin/signing-keys'), ...read },
  'get /v1/admin/audit': { request: get(() => '/v1/admin/audit'), ...readGlobal },
  'get /v1/admin/metrics': { request: get(() => '/v1/admin/metrics'), ...readGlobal },
  'get /v1/audit/log/tile/{level}/{tile}': {
    request: get(() => '/v1/audit/log/tile/entries/000.p/1'),
    ...readGlobal,
  },
  'post /v1/admin/audit/verify': { request: post(() => '/v1/admin/audit/verify'), ...readGlobal },
  'post /v1/admin/agents': { request: post(() => '/v1/admin/agents', member), ...create },
  'post /v1/admin/agents/revoke': {
    request: post(
      () => '/v1/admin/agents/revoke',
      (seed) => ({ ...ofAccount(seed), dry_run: true }),
    ),
    ...changeMany,
  },
  'post /v1/admin/agents/{agent_runtime_id}/suspend': { request: post(agent('/suspend')), ...changeOne },
  'post /v1/admin/agents/{agent_runtime_id}/resume': { request: post(agent('/resume')), ...changeOne },
  'post /v1/admin/agents/{agent_runtime_id}/tasks/{task_id}/revoke': {
    request: post(({ agent: id, task }) => `/v1/admin/agents/${id}/tasks/${task}/revoke`),
    ...changeOne,
  },
  'post /v1/admin/agents/{agent_runtime_id}/revoke': { request: post(agent('/revoke')), ...changeOne },
  'post /v1/admin/instances/suspend': {
    request: post(() => '/v1/admin/instances/suspend', ofAccount),
    ...changeMany,
  },
  'post /v1/admin/instances/resume': {
    request: post(() => '/v1/admin/instances/resume', ofAccount),
    ...changeMany,
  },
  'post /v1/admin/instances/{runtime_agent_instance_id}/suspend': {
    request: post(instance('/suspend')),
    ...changeOne,
  },
  'post /v1/admin/instances/{runtime_agent_instance_id}/resume': {
    request: post(instance('/resume')),
    ...changeOne,
  },
  'post /v1/admin/instances/{runtime_agent_instance_id}/revoke': {
    request: post(instance('/revoke')),
    ...changeOne,
  },
  'post /v1/admin/instances/revoke': {
    request: post(() => '/v1/admin/instances/revoke', ofAccount),
    ...changeMany,
  },
  'post /v1/admin/enrollment-tokens': {
    request: post(() => '/v1/admin/enrollment-tokens', member),
    ...create,
  },
  'post /v1/admin/enrollment-tokens/{enrollment_token_id}/revoke': {
    request: post(({ enrollment }) => `/v1/admin/enrollment-tokens/${enrollment}/revoke`),
    ...changeOne,
  },
  'post /v1/admin/signing-keys/rotate': {
    request: post(() => '/v1/admin/signing-keys/rotate'),
    ...{ ...changeGlobal, all: [403, 403, 201] },
  },
  'post /v1/admin/signing-keys/{kid}/retire': {
    request: post(({ signingKey }) => `/v1/admin/signing-keys/${signingKey}/retire`),
    ...changeGlobal,
  },
  'post /v1/admin/audit/prune': {
    request: post(
      () => '/v1/admin/audit/prune',
      () => ({ below: 0 }),
    ),
    ...changeGlobal,
  },
};
