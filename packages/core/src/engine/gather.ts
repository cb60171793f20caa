/** So many of what any of these pools has, preferred ones first. */
export interface Need<P> {
  readonly count: number;
  readonly pools: readonly P[];
}

/** What pools have for whoever comes next, and what groups of them have together. */
export interface Stock<P> {
  has(pool: P): number;
  /** Pools that have less together than each by itself. Default: none. */
  readonly together?: Iterable<{ readonly pools: Iterable<P>; readonly has: number }>;
}

/** What was found for each need, in the order of needs: how many of which pool. */
export interface Gathered<P> {
  readonly complete: boolean;
  readonly found: readonly ReadonlyMap<P, number>[];
}

/** An edge of the network through which things flow from pools to needs; `back` is the same one, in the other direction. */
interface Edge {
  readonly to: number;
  left: number;
  back: Edge;
}

/**
 * Finds as much as there is for needs that must be met together: all of them, if that is possible at all. Earlier needs
 * choose first, preferred pools are taken first; whoever has a choice makes room for who has none.
 *
 * It is a flow from the needs through the pools, by shortest augmenting paths: a path through a pool that is used up goes on
 * through a need that can do with another one.
 */
export function gather<P>(needs: readonly Need<P>[], { has, together = [] }: Stock<P>): Gathered<P> {
  const groups = [...together].map((group) => ({ pools: new Set(group.pools), has: group.has }));
  const pools = [...new Set(needs.flatMap((need) => need.pools))];
  const edges: Edge[][] = Array.from({ length: 2 + needs.length + pools.length + groups.length }, () => []);
  const [source, sink, firstPool] = [0, 1, 2 + needs.length];
  const ways = needs.map(() => new Map<P, Edge>());
  needs.forEach((need, n) => {
    join(edges, source, 2 + n, need.count);
    for (const pool of new Set(need.pools)) {
      ways[n]?.set(pool, join(edges, 2 + n, firstPool + pools.indexOf(pool), need.count));
    }
  });
  pools.forEach((pool, n) => {
    const group = groups.findIndex((one) => one.pools.has(pool));
    const next = group === -1 ? sink : firstPool + pools.length + group;
    join(edges, firstPool + n, next, Math.max(0, has(pool)));
  });
  groups.forEach((group, n) => {
    join(edges, firstPool + pools.length + n, sink, Math.max(0, group.has));
  });
  let missing = needs.reduce((sum, { count }) => sum + count, 0);
  for (let path = pathTo(edges, sink); path !== undefined; path = pathTo(edges, sink)) {
    const flow = Math.min(...path.map(({ left }) => left));
    for (const edge of path) {
      edge.left -= flow;
      edge.back.left += flow;
    }
    missing -= flow;
  }
  const found = ways.map((way) => new Map([...way].map(([pool, { back }]) => [pool, back.left] as const).filter(some)));
  return { complete: missing === 0, found };
}

function some([, count]: readonly [unknown, number]): boolean {
  return count > 0;
}

function join(edges: Edge[][], from: number, to: number, capacity: number): Edge {
  const edge = { to, left: capacity } as Edge;
  edge.back = { to: from, left: 0, back: edge };
  edges[from]?.push(edge);
  edges[to]?.push(edge.back);
  return edge;
}

/** The shortest path from the first node on which something can still flow. */
function pathTo(edges: readonly (readonly Edge[])[], sink: number): Edge[] | undefined {
  const cameBy = new Map<number, Edge>();
  const seen = [0];
  for (const node of seen) {
    for (const edge of edges[node] ?? []) {
      if (edge.left === 0 || edge.to === 0 || cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, edge);
      if (edge.to === sink) return trace(cameBy, sink);
      seen.push(edge.to);
    }
  }
  return undefined;
}

function trace(cameBy: ReadonlyMap<number, Edge>, sink: number): Edge[] {
  const path: Edge[] = [];
  for (let edge = cameBy.get(sink); edge !== undefined; edge = cameBy.get(edge.back.to)) path.push(edge);
  return path;
}
