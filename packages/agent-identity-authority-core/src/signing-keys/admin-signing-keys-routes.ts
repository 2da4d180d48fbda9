import type { Clock } from 'agent-identity-core';
import type { Administration } from '../administration.js';
import type { Operation, Route } from '../http/operation.js';
import { operatorOrigin } from '../http/operation.js';
import { readJsonBody } from '../http/read-json-body.js';
import type { AuthorityStore } from '../store/authority-store.js';
import {
  adminSigningKeysSchema,
  rotateSigningKeyRequestSchema,
  rotateSigningKeyResponseSchema,
  toAdminSigningKey,
} from './signing-key-wire.js';

export interface AdminSigningKeysParts {
  readonly store: AuthorityStore;
  readonly administration: Administration;
  readonly clock: Clock;
}

const list: Operation = {
  operationId: 'listSigningKeys',
  method: 'get',
  path: '/v1/admin/signing-keys',
  summary: 'Lists the signing keys, those no longer published included, the oldest first',
  access: 'administrator',
  answer: { description: 'The keys, never their private halves', schema: adminSigningKeysSchema },
  errors: [],
};

const rotate: Operation = {
  operationId: 'rotateSigningKey',
  method: 'post',
  path: '/v1/admin/signing-keys/rotate',
  summary: 'Makes a new signing key and lets the old ones fade out',
  access: 'administrator',
  body: rotateSigningKeyRequestSchema,
  answer: { description: 'The new key', schema: rotateSigningKeyResponseSchema, status: 201 },
  errors: [],
};

const retire: Operation = {
  operationId: 'retireSigningKey',
  method: 'post',
  path: '/v1/admin/signing-keys/{kid}/retire',
  summary: 'Takes an old signing key out of the JWKS at once; the newest one only a rotation can end',
  access: 'administrator',
  answer: { description: 'The keys that remain', schema: adminSigningKeysSchema },
  errors: ['signing_key_not_found', 'signing_key_in_use'],
};

/** Listing, rotating and retiring signing keys. */
export function adminSigningKeysRoutes({ store, administration, clock }: AdminSigningKeysParts): Route[] {
  const listed = async () => {
    const now = clock();
    return { signing_keys: (await store.listSigningKeys()).map((key) => toAdminSigningKey(key, now)) };
  };
  return [
    {
      operation: list,
      handle: async (context) => context.json(await listed()),
    },
    {
      operation: rotate,
      async handle(context) {
        const rotation = await readJsonBody(context, rotateSigningKeyRequestSchema);
        const { kid } = await administration.rotateSigningKey(
          {
            activateAfterSeconds: rotation.activate_after_seconds,
            overlapSeconds: rotation.overlap_seconds,
          },
          operatorOrigin(context),
        );
        return context.json({ kid }, 201);
      },
    },
    {
      operation: retire,
      async handle(context) {
        await administration.retireSigningKey(context.req.param('kid') ?? '', operatorOrigin(context));
        return context.json(await listed());
      },
    },
  ];
}
