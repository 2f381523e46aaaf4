// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {Time} from "@openzeppelin/contracts/utils/types/Time.sol";
import {ITermedGuardian} from "./ITermedGuardian.sol";

/// @title See {ITermedGuardian}.
contract TermedGuardian is ITermedGuardian {
    /// @inheritdoc ITermedGuardian
    uint48 public constant override TERM_MAX = 365 days;

    /// @inheritdoc ITermedGuardian
    address public immutable override holder;

    /// @inheritdoc ITermedGuardian
    uint48 public immutable override until;

    /**
     * @param holder_ Whose calls are passed on. Zero for a platform without a guardian.
     * @param termSeconds How long from now, at most {TERM_MAX}.
     */
    constructor(address holder_, uint48 termSeconds) {
        if (termSeconds > TERM_MAX) revert TermedGuardianTermTooLong(termSeconds);
        holder = holder_;
        until = Time.timestamp() + termSeconds;
    }

    /// @inheritdoc ITermedGuardian
    function forward(address target, bytes calldata data) external override returns (bytes memory result) {
        if (msg.sender != holder) revert TermedGuardianNotHolder(msg.sender);
        if (Time.timestamp() > until) revert TermedGuardianEnded(until);

        result = Address.functionCall(target, data);

        emit Forwarded(target, data);
    }
}
