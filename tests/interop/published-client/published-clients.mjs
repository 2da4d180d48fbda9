/**
 * The versions of the published client that the proofs run, and their differences (docs/protocol.md sections 9 and 11).
 *
 * - `selfHosted`: accepts an authority on plain HTTP. Versions without it accept only the two base URLs of production and
 *   staging.
 * - `tasksPerExec`: the tasks that one `exec` with a JWT registers with such an authority.
 * - `writesInPlace`: truncates `auth.json` and writes it in place; later versions replace it by a rename.
 */
export const publishedClients = [
  { version: '0.142.5', selfHosted: false, tasksPerExec: 0, writesInPlace: true },
  { version: '0.148.0', selfHosted: true, tasksPerExec: 2, writesInPlace: true },
  { version: '0.162.1', selfHosted: true, tasksPerExec: 4, writesInPlace: true },
  { version: '0.169.0', selfHosted: true, tasksPerExec: 4, writesInPlace: false },
];

/** The versions that accept an authority on plain HTTP. */
export const selfHostedClients = publishedClients.filter(({ selfHosted }) => selfHosted);

/** The versions that refuse it. */
export const productionOnlyClients = publishedClients.filter(({ selfHosted }) => !selfHosted);
