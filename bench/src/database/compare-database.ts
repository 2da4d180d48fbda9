import { startPostgresServer } from 'test-support/postgres';
import type { Claim } from '../claim.js';
import type { Measurement } from '../measure.js';
import { measureAuditLog } from './audit-log.js';
import { type Crowd, measureRegistrations, registrationsName } from './registrations.js';

/** What the store is measured against, the baseline first. */
interface Comparison {
  readonly title: string;
  readonly measurements: readonly Measurement[];
  readonly claim: Claim;
}

/** How much of pgbench's inserts our registrations reach. Several nodes share the two cores with the server. */
const crowds: readonly (Crowd & { readonly atLeast: number })[] = [
  // No batches, and three round trips: shown, without a goal.
  { clients: 1, nodes: 1, atLeast: 0 },
  { clients: 16, nodes: 1, atLeast: 0.5 },
  { clients: 64, nodes: 1, atLeast: 1 },
  { clients: 64, nodes: 2, atLeast: 1 },
  { clients: 64, nodes: 3, atLeast: 1 },
];

/** Measures on a Postgres server of its own, which waits for the disk at each commit, as by default. */
export async function compareDatabase(): Promise<Comparison[]> {
  const server = await startPostgresServer([]);
  try {
    const registrations = await measureRegistrations(await server.newDatabase(), crowds);
    const log = await measureAuditLog(await server.newDatabase());
    const [hashed, placed, verified] = log as [Measurement, Measurement, Measurement];
    return [
      ...crowds.map((crowd, i) => ({
        title: `Postgres, ${crowd.clients} at once`,
        measurements: registrations[i] ?? [],
        claim: { operation: registrationsName(crowd), atLeast: crowd.atLeast },
      })),
      {
        title: 'Writing the audit log on Postgres',
        measurements: [hashed, placed],
        claim: { operation: 'an entry gets its place', atLeast: 20_000, unit: 'per second' },
      },
      {
        title: 'Verifying the audit log on Postgres',
        measurements: [hashed, verified],
        claim: { operation: 'an entry is verified', atLeast: 100_000, unit: 'per second' },
      },
    ];
  } finally {
    await server.stop();
  }
}
