// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// A budget that refills: never more than twice the budget in a period, never a unit lost or gained by splitting.

import {BudgetMath} from "../../../contracts/funding/BudgetMath.sol";
import {Base} from "../support/Base.t.sol";

contract BudgetMathTest is Base {
    using BudgetMath for BudgetMath.Bucket;

    function test_a_bucket_refills_evenly() public pure {
        BudgetMath.Bucket memory bucket = _full(1_000, 300, 50);
        assertEq(bucket.spendableAt(50), 1_000, "full");
        bucket = bucket.spend(50, 1_000);
        assertEq(bucket.debt, 300_000, "debt");
        assertEq(bucket.updatedAt, 50, "updated");
        assertEq(bucket.budget, 1_000, "budget");
        assertEq(bucket.periodSeconds, 300, "period");
        assertEq(bucket.spendableAt(50), 0, "empty");
        assertEq(bucket.debtAt(51), 299_000, "a second later");
        assertEq(bucket.spendableAt(51), 3, "a third is not spendable");
        assertEq(bucket.spendableAt(53), 10, "and not lost");
        assertEq(bucket.spendableAt(200), 500, "half");
        assertEq(bucket.spendableAt(349), 996, "almost");
        assertEq(bucket.spendableAt(350), 1_000, "full again");
        assertEq(bucket.debtAt(350), 0, "exactly");
        assertEq(bucket.spendableAt(100_000), 1_000, "and not fuller");
        bucket = bucket.spend(200, 100).spend(200, 100);
        assertEq(bucket.spendableAt(200), 300, "spent twice in a second");
    }

    function test_the_largest_bucket_does_not_overflow() public pure {
        uint96 most = type(uint96).max;
        uint40 last = type(uint40).max;
        BudgetMath.Bucket memory bucket = _full(most, last, 0).spend(0, most);
        assertEq(bucket.debt, uint256(most) * last, "debt");
        assertEq(bucket.spendableAt(last - 1), (uint256(most) * (uint256(last) - 1)) / last, "a second short");
        assertEq(bucket.spendableAt(last), most, "full");
    }

    function test_new_terms_refill_nothing() public pure {
        BudgetMath.Bucket memory bucket = _full(1_000, 300, 0).spend(0, 700);
        BudgetMath.Bucket memory more = bucket.change(30, 2_000, 600);
        assertEq(more.spendableAt(30), 1_400, "the 600 that are missing are missing");
        assertEq(more.spendableAt(60), 1_500, "and refill at the new rate");
        assertEq(more.updatedAt, 30, "updated");
        assertEq(more.periodSeconds, 600, "period");
        assertEq(more.budget, 2_000, "budget");
        BudgetMath.Bucket memory less = bucket.change(30, 500, 100);
        assertEq(less.spendableAt(30), 0, "more is missing than fits");
        assertEq(less.debt, 50_000, "so it is empty");
        assertEq(less.spendableAt(130), 500, "and full after the new period");
        assertEq(bucket.change(30, 600, 10).debt, 6_000, "just what fits");
        assertEq(bucket.change(30, 601, 10).spendableAt(30), 1, "and one more");
        assertEq(bucket.change(31, 1_000, 300).spendableAt(31), 403, "what is missing is rounded up");
    }

    function testFuzz_no_period_sees_more_than_twice_the_budget(
        uint96 budget,
        uint40 period,
        uint256[16] memory seeds
    ) public pure {
        budget = uint96(bound(budget, 1, type(uint96).max));
        period = uint40(bound(period, 1, 365 days));
        uint256[16] memory times;
        uint256[16] memory amounts;
        BudgetMath.Bucket memory bucket = _full(budget, period, 0);
        uint40 time = 0;
        for (uint256 i = 0; i < seeds.length; ++i) {
            time += uint40(bound(seeds[i], 0, period / 4));
            uint96 spendable = bucket.spendableAt(time);
            // Every other time greedily: all there is.
            uint96 amount = i % 2 == 0 ? spendable : uint96(bound(seeds[i] >> 64, 0, spendable));
            bucket = bucket.spend(time, amount);
            (times[i], amounts[i]) = (time, amount);
            for (uint256 first = 0; first <= i; ++first) {
                uint256 spent = 0;
                for (uint256 k = first; k <= i; ++k) spent += amounts[k];
                uint256 elapsed = time - times[first];
                assertTrue(spent * period <= uint256(budget) * (period + elapsed), "budget x (1 + seconds / period)");
                if (elapsed <= period) assertTrue(spent <= 2 * uint256(budget), "twice the budget");
            }
        }
    }

    function testFuzz_looking_and_splitting_change_nothing(
        uint96 budget,
        uint40 period,
        uint96 amount,
        uint40 wait,
        uint8 steps
    ) public pure {
        budget = uint96(bound(budget, 1, type(uint96).max));
        period = uint40(bound(period, 1, 365 days));
        wait = uint40(bound(wait, 0, 2 * uint256(period)));
        amount = uint96(bound(amount, 0, budget));
        BudgetMath.Bucket memory once = _full(budget, period, 0).spend(0, amount);
        BudgetMath.Bucket memory often = _full(budget, period, 0).spend(0, amount / 3).spend(0, amount - amount / 3);
        uint256 count = bound(steps, 1, 20);
        for (uint256 i = 1; i <= count; ++i) often = often.spend(uint40((wait * i) / count), 0);
        assertEq(often.debtAt(wait), once.debtAt(wait), "to the last fraction");
        assertEq(often.spendableAt(wait), once.spendableAt(wait), "spendable");
    }

    function testFuzz_spendable_never_passes_the_budget_and_new_terms_add_nothing(
        uint96 budget,
        uint40 period,
        uint96 amount,
        uint40 wait,
        uint96 newBudget,
        uint40 newPeriod
    ) public pure {
        budget = uint96(bound(budget, 1, type(uint96).max));
        newBudget = uint96(bound(newBudget, 1, type(uint96).max));
        period = uint40(bound(period, 1, type(uint40).max));
        newPeriod = uint40(bound(newPeriod, 1, type(uint40).max));
        amount = uint96(bound(amount, 0, budget));
        BudgetMath.Bucket memory bucket = _full(budget, period, 0).spend(0, amount);
        uint256 spendable = bucket.spendableAt(wait);
        assertTrue(spendable <= budget && spendable >= budget - amount, "between");
        uint256 missing = budget - spendable;
        uint256 afterwards = bucket.change(wait, newBudget, newPeriod).spendableAt(wait);
        assertEq(afterwards, missing < newBudget ? newBudget - missing : 0, "what was missing is missing");
    }

    function _full(uint96 budget, uint40 period, uint40 time) private pure returns (BudgetMath.Bucket memory) {
        return BudgetMath.Bucket({budget: budget, periodSeconds: period, updatedAt: time, debt: 0});
    }
}
