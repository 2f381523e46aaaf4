// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/**
 * @title A budget that refills
 * @notice A bucket holds at most `budget` and refills evenly, a whole budget in `periodSeconds`. Whoever spends from it
 * spends at most budget x (1 + seconds / periodSeconds) in any stretch of seconds: twice the budget in one period,
 * however the spending is split and wherever the period is thought to begin.
 *
 * What is missing from the bucket is kept times the period, so that refilling is a multiplication: nothing is rounded,
 * and spending often costs nothing and gains nothing.
 */
library BudgetMath {
    /// @param budget Base units.
    /// @param periodSeconds Not zero.
    /// @param debt What was missing at `updatedAt`, in base units times `periodSeconds`; at most budget x periodSeconds.
    /// @param updatedAt Unix time.
    struct Bucket {
        uint96 budget;
        uint40 periodSeconds;
        uint40 updatedAt;
        uint136 debt;
    }

    /// @notice What is missing at a time, in base units times `periodSeconds`.
    function debtAt(Bucket memory bucket, uint40 time) internal pure returns (uint136) {
        // 96 and 40 bits make 136.
        uint136 regained = uint136(bucket.budget) * (time - bucket.updatedAt);
        return bucket.debt > regained ? bucket.debt - regained : 0;
    }

    /// @notice Base units that may be spent at a time, rounded down.
    function spendableAt(Bucket memory bucket, uint40 time) internal pure returns (uint96) {
        return spendable(bucket.budget, bucket.periodSeconds, debtAt(bucket, time));
    }

    /// @notice Base units that a debt leaves of a budget, rounded down.
    function spendable(uint96 budget, uint40 periodSeconds, uint136 debt) internal pure returns (uint96) {
        return uint96((uint136(budget) * periodSeconds - debt) / periodSeconds);
    }

    /// @notice A debt with an amount added to it.
    function owed(uint136 debt, uint96 amount, uint40 periodSeconds) internal pure returns (uint136) {
        return debt + uint136(amount) * periodSeconds;
    }

    /// @notice The bucket after spending `amount`, which is at most what is spendable.
    function spend(Bucket memory bucket, uint40 time, uint96 amount) internal pure returns (Bucket memory spent) {
        spent = Bucket({
            budget: bucket.budget,
            periodSeconds: bucket.periodSeconds,
            updatedAt: time,
            debt: owed(debtAt(bucket, time), amount, bucket.periodSeconds)
        });
    }

    /// @notice What stays missing of a new budget.
    function carried(uint96 missing, uint96 budget) internal pure returns (uint96) {
        return missing < budget ? missing : budget;
    }

    /// @notice The bucket under other terms. What is missing stays missing (rounded up, at most the new budget), so that
    /// new terms refill nothing.
    function change(
        Bucket memory bucket,
        uint40 time,
        uint96 budget,
        uint40 periodSeconds
    ) internal pure returns (Bucket memory changed) {
        // The spendable part is rounded down, so what is missing is rounded up.
        uint96 missing = bucket.budget - spendableAt(bucket, time);
        changed = Bucket({
            budget: budget,
            periodSeconds: periodSeconds,
            updatedAt: time,
            debt: owed(0, carried(missing, budget), periodSeconds)
        });
    }
}
