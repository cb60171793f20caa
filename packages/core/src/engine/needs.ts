import type { Selector } from "../model/ticket.js";
import type { PoolPolicy } from "./policy.js";

/** What not every resource of a pool can serve, whoever asks: who needs the same stands in the same line. */
export interface Needs {
  /** The one of that name. */
  readonly name?: string;
  /** One in that condition, which is not the first of each of the pools. */
  readonly condition?: string;
  /** One with so long to live. */
  readonly minLifeMs?: number;
}

/** What a selector needs of these pools; `undefined`: nothing that any of their resources could lack. */
export function needsOf(selector: Selector | undefined, policies: readonly PoolPolicy[]): Needs | undefined {
  if (selector === undefined) return undefined;
  const { name, condition, minLifeMs } = selector;
  const usual = condition === undefined || policies.every(({ conditions }) => conditions?.names[0] === condition);
  const lasts = minLifeMs === undefined || policies.every(({ maxAgeMs }) => maxAgeMs === Number.POSITIVE_INFINITY);
  if (name === undefined && usual && lasts) return undefined;
  return {
    ...(name !== undefined && { name }),
    ...(!usual && { condition: condition as string }),
    ...(!lasts && { minLifeMs: minLifeMs as number }),
  };
}

/** Whether one that is made for these needs could serve them: its name, or what will become of it, is not for us to say. */
export function areMade(needs: Needs | undefined): boolean {
  return needs?.name === undefined && needs?.condition === undefined;
}

/** The part of a selector by which lines are told apart. */
export function needsKey(selector: Selector | undefined): readonly unknown[] {
  if (selector === undefined) return [];
  const { name = null, condition = null, set = null, minLifeMs = null } = selector;
  return [name, condition, set, minLifeMs];
}
