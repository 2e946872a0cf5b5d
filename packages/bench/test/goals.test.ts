// Goals: what is met, and how it is printed.

import { expect, test } from "vitest";
import { GOALS, judge } from "../src/goals.js";
import { judgedOf, summary } from "../src/report.js";

test("a goal is met up to its limit, and missed beyond it", () => {
  const at = (factor: number) =>
    judge(
      GOALS.map(({ suite, name, atMost, atLeast }) => ({
        suite,
        name,
        value: (atMost ?? atLeast ?? 0) * factor,
        unit: "x limit",
      })),
    );
  expect(at(1).every(({ ok }) => ok)).toBe(true);
  expect(at(1.1).map(({ ok }) => ok)).toEqual(GOALS.map(({ atLeast }) => atLeast !== undefined));
  expect(at(0.9).map(({ ok }) => ok)).toEqual(GOALS.map(({ atMost }) => atMost !== undefined));
  expect(() => judge([])).toThrow("no row");
});

test("a value beside its goal has enough digits to show on which side it is", () => {
  const shown = (value: number, limits: { atMost?: number; atLeast?: number }) =>
    judgedOf({ suite: "", name: "", ok: true, measured: { suite: "", name: "", value, unit: "ms" }, ...limits });
  expect(shown(1.4007, { atMost: 1.4 })).toBe("1.401 ms");
  expect(shown(1.3996, { atMost: 1.4 })).toBe("1.3996 ms");
  expect(shown(399.6, { atLeast: 400 })).toBe("399.600 ms");
  expect(shown(1.4, { atMost: 1.4 })).toBe("1.40 ms");
  expect(shown(1.31, { atMost: 1.4 })).toBe("1.31 ms");
});

test("the summary lacks no suite", () => expect(() => summary([])).toThrow("no suite"));
