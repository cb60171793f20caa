/** Everything that a package exports says what it is: the export itself, and each member of what it consists of. */
import { globSync, readFileSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const entries = globSync(["packages/*/src/index.ts", "packages/core/src/{store/*,otel}/index.ts"], { cwd: root })
  .map((path) => path.replaceAll("\\", "/"))
  .sort();

type Read = (path: string) => string;

function parse(path: string, read: Read): ts.SourceFile {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
}

function isDocumented(node: ts.Node): boolean {
  return ts.getJSDocCommentsAndTags(node).some((doc) => ts.isJSDoc(doc));
}

/** The names that a file exports, with the file and name where each is declared. */
function exportsOf(path: string, read: Read): { name: string; path: string; declared: string }[] {
  return parse(path, read).statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { moduleSpecifier, exportClause } = statement;
      if (moduleSpecifier === undefined || exportClause === undefined || !ts.isNamedExports(exportClause)) {
        throw new Error(`${path}: ${statement.getText()}: name what is exported, and from where`);
      }
      const to = posix.join(posix.dirname(path), (moduleSpecifier as ts.StringLiteral).text.replace(/\.js$/, ".ts"));
      return exportClause.elements.map(({ name, propertyName }) => ({
        name: name.text,
        path: to,
        declared: (propertyName ?? name).text,
      }));
    }
    return declaredBy(statement).map((name) => ({ name, path, declared: name }));
  });
}

/** The names that an exported statement declares. */
function declaredBy(statement: ts.Statement): string[] {
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.map(({ name }) => name.getText());
  const { name } = statement as ts.Statement & { name?: ts.Identifier };
  return name === undefined ? [] : [name.text];
}

/** What has no docstring of an exported thing: itself (`""`), or members by their path. */
function missingIn(path: string, name: string, read: Read): string[] {
  const source = parse(path, read);
  const declarations = source.statements.filter((statement) => declaredBy(statement).includes(name));
  if (declarations.length === 0) {
    const again = exportsOf(path, read).find((each) => each.name === name && each.path !== path);
    if (again === undefined) throw new Error(`${path}: does not declare ${name}`);
    return missingIn(again.path, again.declared, read);
  }
  const own = declarations.some(isDocumented) ? [] : [name];
  return [...own, ...declarations.flatMap((each) => undocumentedMembers(each, name))];
}

function membersOf(node: ts.Node): readonly (ts.TypeElement | ts.ClassElement)[] {
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) return [...node.members];
  if (ts.isClassDeclaration(node)) return [...node.members].filter(isPublic);
  if (ts.isTypeAliasDeclaration(node)) return membersOf(node.type);
  if (ts.isIntersectionTypeNode(node)) return node.types.flatMap(membersOf);
  return [];
}

function isPublic(member: ts.ClassElement): boolean {
  if (member.name !== undefined && ts.isPrivateIdentifier(member.name)) return false;
  return !ts.isConstructorDeclaration(member) && !ts.isSemicolonClassElement(member);
}

function undocumentedMembers(node: ts.Node, path: string): string[] {
  const members = membersOf(node).filter(({ name }) => name !== undefined && !ts.isComputedPropertyName(name));
  const names = new Set(members.map(({ name }) => name?.getText() ?? ""));
  return [...names].flatMap((name) => {
    // Overloads, and the member that implements them.
    const same = members.filter((member) => member.name?.getText() === name);
    // What is said of a member holds for what lies in it.
    if (same.some(isDocumented)) return [];
    const nested = same.flatMap((member) =>
      ts.isPropertySignature(member) && member.type !== undefined
        ? undocumentedMembers(member.type, `${path}.${name}`)
        : [],
    );
    const isDocumentedByParts = same.some(
      (member) => ts.isPropertySignature(member) && member.type !== undefined && membersOf(member.type).length > 0,
    );
    return isDocumentedByParts ? nested : [`${path}.${name}`];
  });
}

const readSource: Read = (path) => readFileSync(`${root}/${path}`, "utf8");

test("the entries of all packages are found", () => {
  expect(entries).toContain("packages/core/src/index.ts");
  expect(entries).toContain("packages/core/src/store/sqlite/index.ts");
  expect(entries).toContain("packages/provider-aws/src/index.ts");
  expect(entries).toContain("packages/provider-shell/src/index.ts");
  expect(entries).toContain("packages/provider-docker/src/index.ts");
  expect(entries).toContain("packages/provider-openstack/src/index.ts");
  expect(entries).toContain("packages/store-postgres/src/index.ts");
});

test.each(entries)("%s exports only what is documented, members included", (entry) => {
  const missing = exportsOf(entry, readSource).flatMap(({ path, declared }) => missingIn(path, declared, readSource));
  expect(missing).toEqual([]);
});

describe("the rule", () => {
  const missing = (text: string) => {
    const read: Read = (path) => (path === "index.ts" ? 'export { it } from "./it.js";' : text);
    return exportsOf("index.ts", read).flatMap(({ path, declared }) => missingIn(path, declared, read));
  };

  test.each([
    ["export function it() {}", ["it"]],
    ["// A comment.\nexport const it = 1;", ["it"]],
    ["/** It. */ export interface it { a: string }", ["it.a"]],
    ["/** It. */ export interface it { a: {\n/** B. */ b: string; c: string } }", ["it.a.c"]],
    ["/** It. */ export class it { a = 1; #b = 2; c() {} constructor() {} }", ["it.a", "it.c"]],
    ["/** It. */ export type it = { a: string } & { b: string };", ["it.a", "it.b"]],
  ])("complains about %s", (text, names) => {
    expect(missing(text)).toEqual(names);
  });

  test.each([
    "/** It. */ export const it = 1;",
    "/** It. */ export function it(a: string): void; export function it(a: unknown) {}",
    "/** It. */ export class it {\n/** A. */ a(): void; a(b?: string) {} async [Symbol.asyncDispose]() {} }",
    '/** It. */ export type it = "a" | "b";',
    "/** It. */ export interface it {\n/** A, and what lies in it. */ a: { b: string }; c: {\n/** D. */ d: string } }",
  ])("accepts %s", (text) => {
    expect(missing(text)).toEqual([]);
  });
});
