/**
 * Names the place that defines a member or a form: a section of docs/protocol.md, of another page, or of a standard.
 *
 * @example
 * ```ts
 * import { describeSection } from 'agent-identity-inspector';
 *
 * describeSection('3'); // 'docs/protocol.md section 3'
 * describeSection('protocol-instances 4'); // 'docs/protocol-instances.md section 4'
 * describeSection('RFC 7519 section 4.1.2'); // 'RFC 7519 section 4.1.2'
 * ```
 */
export function describeSection(section: string): string {
  if (/^\d+$/.test(section)) return `docs/protocol.md section ${section}`;
  return section.replace(/^([\w-]+) (\d+)$/, (whole, page: string, number: string) =>
    page === 'RFC' ? whole : `docs/${page}.md section ${number}`,
  );
}
