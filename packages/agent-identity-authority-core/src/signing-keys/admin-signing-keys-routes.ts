import type { Clock } from 'agent-identity-core';
import type { Administration } from '../administration.js';
import { administratorOrigin, type Operation, type Route } from '../http/operation.js';
import { readJsonBody } from '../http/read-input.js';
import type { AuthorityStore } from '../store/authority-store.js';
import {
  adminSigningKeysSchema,
  rotateSigningKeyRequestSchema,
  rotateSigningKeyResponseSchema,
  toAdminSigningKeys,
  toRotateOptions,
} from './signing-key-wire.js';
import type { SigningKeys } from './signing-keys.js';

export interface AdminSigningKeysParts {
  readonly store: AuthorityStore;
  readonly administration: Administration;
  readonly signingKeys: SigningKeys;
  readonly clock: Clock;
}

const list: Operation = {
  operationId: 'listSigningKeys',
  method: 'get',
  path: '/v1/admin/signing-keys',
  summary: 'Lists all signing keys, oldest first, including those no longer published',
  access: 'administrator',
  response: { description: 'The keys, without their private halves', schema: adminSigningKeysSchema },
  errors: [],
};

const rotate: Operation = {
  operationId: 'rotateSigningKey',
  method: 'post',
  path: '/v1/admin/signing-keys/rotate',
  summary: 'Creates a new signing key and sets an end for the old ones',
  access: 'administrator',
  body: rotateSigningKeyRequestSchema,
  response: { description: 'The new key', schema: rotateSigningKeyResponseSchema, status: 201 },
  errors: ['signing_key_external'],
};

const retire: Operation = {
  operationId: 'retireSigningKey',
  method: 'post',
  path: '/v1/admin/signing-keys/{kid}/retire',
  summary: 'Removes an old signing key from the JWKS immediately; only a rotation ends the newest key',
  access: 'administrator',
  response: { description: 'All signing keys', schema: adminSigningKeysSchema },
  errors: ['signing_key_not_found', 'signing_key_in_use', 'signing_key_external'],
};

/** Creates the routes that list, rotate and retire signing keys. */
export function createAdminSigningKeysRoutes(parts: AdminSigningKeysParts): Route[] {
  const { store, administration, signingKeys, clock } = parts;
  const listKeys = async () => {
    const { signing_keys: keys } = toAdminSigningKeys(await store.listSigningKeys(), clock());
    return {
      signing_keys: signingKeys.areExternal ? keys.map((key) => ({ ...key, published: false })) : keys,
    };
  };
  return [
    {
      operation: list,
      handle: async (context) => context.json(await listKeys()),
    },
    {
      operation: rotate,
      async handle(context) {
        const options = toRotateOptions(await readJsonBody(context, rotateSigningKeyRequestSchema));
        const { kid } = await administration.rotateSigningKey(options, administratorOrigin(context));
        return context.json({ kid }, 201);
      },
    },
    {
      operation: retire,
      async handle(context) {
        await administration.retireSigningKey(context.req.param('kid') ?? '', administratorOrigin(context));
        return context.json(await listKeys());
      },
    },
  ];
}
