// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BudgetMath} from "../../contracts/funding/BudgetMath.sol";

/// @title One step of a committee's budget; see README.md for why one step is enough
contract Budget {
    function spent(uint96 budget, uint136 debt, uint96 amount) external pure {
        // Undecided for any period: the solver is not at home in products of unknowns.
        require(amount <= BudgetMath.spendable(budget, 90 days, debt));
        /// Proves: no spending takes more than a budget of 90 days holds
        assert(BudgetMath.owed(debt, amount, 90 days) <= uint256(budget) * 90 days);
    }

    function counted(BudgetMath.Bucket memory bucket, uint40 time, uint96 amount) external pure {
        BudgetMath.Bucket memory then = BudgetMath.spend(bucket, time, amount);
        uint256 refill = uint256(bucket.budget) * (time - bucket.updatedAt);
        /// Proves: all that is spent is owed, less one budget a period
        assert(then.debt + refill >= bucket.debt + uint256(amount) * bucket.periodSeconds);
    }

    function waited(BudgetMath.Bucket memory bucket, uint40 time) external pure {
        /// Proves: time never takes from a budget
        assert(BudgetMath.debtAt(bucket, time) <= bucket.debt);
    }

    function changed(uint96 missing, uint96 budget) external pure {
        /// Proves: no new terms leave more missing than the new budget
        assert(BudgetMath.carried(missing, budget) <= budget && BudgetMath.carried(missing, budget) <= missing);
    }
}
