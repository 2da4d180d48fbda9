import * as z from 'zod';
import { createErrorResponse } from '../http/error-response.js';
import type { Operation, OperationContext, Route } from '../http/operation.js';
import { encodeStoredEntry } from '../log/audit-entry-encoding.js';
import { encodeEntryBundle } from '../log/entry-bundle.js';
import { hashLength } from '../log/merkle-hash.js';
import { tileWidth, tileWidthAt } from '../log/tiles.js';
import type { AuthorityStore } from '../store/authority-store.js';

export interface AuditLogRoutesParts {
  readonly store: AuthorityStore;
  readonly auditLogReaders: 'administrators' | 'everybody';
  readonly clock: () => number;
}

const getCheckpoint: Operation = {
  operationId: 'getAuditLogCheckpoint',
  method: 'get',
  path: '/v1/audit/log/checkpoint',
  summary: 'Returns the signed state of the audit log (C2SP tlog-checkpoint)',
  access: 'public',
  response: { description: 'A signed note', schema: z.string(), mediaType: 'text/plain' },
  errors: ['not_found'],
};

const getTile = {
  operationId: 'getAuditLogTile',
  method: 'get',
  path: '/v1/audit/log/tile/{level}/{tile}',
  restParameter: 'tile',
  summary: 'Returns a tile of hashes, or a bundle of entries under the level `entries` (C2SP tlog-tiles)',
  response: {
    description: 'Hashes of 32 bytes, or entries with their lengths',
    schema: z.string(),
    mediaType: 'application/octet-stream',
  },
  errors: ['not_found'],
} as const satisfies Partial<Operation>;

/** Creates the routes of the static log. Clients find the tiles by the size in the checkpoint. */
export function createAuditLogRoutes({ store, auditLogReaders, clock }: AuditLogRoutesParts): Route[] {
  const notFound = () => createErrorResponse('not_found', 'The audit log does not have this yet.', clock());
  const access = auditLogReaders === 'everybody' ? 'public' : 'administrator';
  return [
    {
      operation: getCheckpoint,
      async handle(context) {
        const checkpoint = await store.auditCheckpoint();
        if (checkpoint === undefined) return notFound();
        return context.body(checkpoint.note, 200, {
          'content-type': 'text/plain; charset=utf-8',
          'cache-control': 'no-cache',
        });
      },
    },
    {
      operation: { ...getTile, access },
      async handle(context) {
        const bytes = await readTile(store, context);
        if (bytes === undefined) return notFound();
        return context.body(Uint8Array.from(bytes), 200, {
          'content-type': 'application/octet-stream',
          // What a path stands for never changes.
          'cache-control': `${access === 'public' ? 'public' : 'private'}, max-age=31536000, immutable`,
        });
      },
    },
  ];
}

async function readTile(store: AuthorityStore, context: OperationContext): Promise<Uint8Array | undefined> {
  const { level = '', tile = '' } = context.req.param();
  const { index, width } = parseTile(tile) ?? {};
  const { size = 0 } = (await store.auditCheckpoint()) ?? {};
  if (index === undefined || width === undefined) return undefined;
  if (level === 'entries') {
    if (width > tileWidthAt(size, 0, index)) return undefined;
    const rows = await store.readAuditRows(index * tileWidth, width);
    const isComplete = rows.length === width && rows[0]?.index === index * tileWidth;
    return isComplete ? encodeEntryBundle(rows.map(encodeStoredEntry)) : undefined;
  }
  if (!/^(?:[1-5]?\d|6[0-3])$/.test(level) || width > tileWidthAt(size, Number(level), index))
    return undefined;
  const hashes = await store.readAuditTile(Number(level), index);
  return hashes?.subarray(0, width * hashLength);
}

/** Reads `x001/x234/067.p/8`, the path of a tile below its level. */
function parseTile(path: string): { readonly index: number; readonly width: number } | undefined {
  const [, groups, width = String(tileWidth)] =
    /^((?:x\d{3}\/){0,4}\d{3})(?:\.p\/([1-9]\d{0,2}))?$/.exec(path) ?? [];
  if (groups === undefined || groups.startsWith('x000') || Number(width) > tileWidth) return undefined;
  return { index: Number(groups.replaceAll(/[x/]/g, '')), width: Number(width) };
}
