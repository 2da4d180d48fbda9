const hex = (digits: number) => `[0-9a-fA-F]{${digits}}`;
const hyphenated = [8, 4, 4, 4, 12].map(hex).join('-');

/** Between white space: 32 digits; with hyphens; with hyphens in braces; with hyphens after `urn:uuid:`. */
const uuid = new RegExp(
  `^\\p{White_Space}*(?:(${hex(32)})|\\{(${hyphenated})\\}|(?:urn:uuid:)?(${hyphenated}))\\p{White_Space}*$`,
  'u',
);

/**
 * Reads the text of `$CODEX_HOME/installation_id` as the published client does (docs/protocol-instances.md section 2): any
 * UUID of any version, also the nil UUID, in upper or lower case, with or without hyphens, in braces or as a URN, between
 * white space. The id identifies the installation and is not a secret.
 *
 * @returns the UUID in lower case with hyphens; `undefined` for any other text
 * @example
 * ```ts
 * import { parseInstallationId } from 'chatgpt-auth';
 *
 * parseInstallationId('{C77B29AF-1F5F-4E5C-A007-978C11D359E1}\n'); // 'c77b29af-1f5f-4e5c-a007-978c11d359e1'
 * parseInstallationId('installation 1'); // undefined
 * ```
 */
export function parseInstallationId(text: string): string | undefined {
  const [, ...forms] = uuid.exec(text) ?? [];
  const digits = forms
    .find((form) => form !== undefined)
    ?.toLowerCase()
    .replaceAll('-', '');
  return digits?.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
