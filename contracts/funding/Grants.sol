// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {BudgetMath} from "./BudgetMath.sol";
import {GrantState, GrantStates} from "./GrantStates.sol";
import {IGrants} from "./IGrants.sol";
import {ProgramFunds} from "./ProgramFunds.sol";

/// @title Grants: work paid by milestone
contract Grants is IGrants, ProgramFunds {
    using BudgetMath for BudgetMath.Bucket;
    using GrantStates for GrantState;

    /// @dev As many as there are bits for what is released.
    uint256 public constant TRANCHES_MAX = 32;

    /// @custom:storage-location erc7201:dimo.storage.Grants
    struct Layout {
        uint256 grantCount;
        mapping(uint256 id => Grant) grants;
        mapping(uint256 id => uint96[]) tranches;
        mapping(uint64 committeeId => Committee) committees;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.Grants")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0x90cafba8c4d173911d197379c2eb7b7d6154a20163346b087992f4f7927aa600;

    /// @param authority_ AccessManager.
    /// @param token_ ERC-20 in which grants are paid.
    /// @param treasury_ Receives what is not released.
    function initialize(address authority_, address token_, address treasury_) external initializer {
        __ProgramFunds_init(authority_, token_, treasury_);
    }

    /// @inheritdoc IGrants
    function create(
        address recipient,
        uint96[] calldata tranches,
        string[] calldata milestones,
        uint64 committeeId,
        uint40 deadline,
        string calldata purpose
    ) external restricted returns (uint256 id) {
        Layout storage $ = _layout();
        _requireAccount(recipient);
        _requireFuture(deadline);
        if (committeeId != 0 && $.committees[committeeId].member == address(0)) revert CommitteeUnknown(committeeId);
        uint96 total = _sum(tranches, milestones);

        _reserve(total);
        id = ++$.grantCount;
        Grant storage grant = $.grants[id];
        _enter(id, grant, GrantState.Open);
        grant.recipient = recipient;
        grant.deadline = deadline;
        grant.trancheCount = uint8(tranches.length);
        grant.unreleased = total;
        grant.committeeId = committeeId;
        $.tranches[id] = tranches;
        emit GrantCreated(id, recipient, committeeId, tranches, milestones, deadline, purpose);
    }

    /// @inheritdoc IGrants
    function release(uint256 id, uint256 tranche, string calldata evidence) external restricted {
        _release(id, tranche, evidence);
    }

    /// @inheritdoc IGrants
    function releaseByCommittee(uint256 id, uint256 tranche, string calldata evidence) external {
        Layout storage $ = _layout();
        uint64 committeeId = $.grants[id].committeeId;
        // Nobody is the zero address, so a removed committee and number 0 have no member.
        if ($.committees[committeeId].member != msg.sender) revert NotCommittee(id, committeeId, msg.sender);

        uint96 amount = _release(id, tranche, evidence);
        _spend($.committees[committeeId], committeeId, amount);
    }

    /// @inheritdoc IGrants
    function extend(uint256 id, uint40 deadline) external restricted {
        Grant storage grant = _open(id);
        _requireFuture(deadline);
        grant.deadline = deadline;
        emit GrantExtended(id, deadline);
    }

    /// @inheritdoc IGrants
    function clawBack(uint256 id) external restricted returns (uint96 freed) {
        Grant storage grant = _layout().grants[id];
        _enter(id, grant, GrantState.ClawedBack);
        freed = _free(id, grant);
    }

    /// @inheritdoc IGrants
    function expire(uint256 id) external returns (uint96 freed) {
        Grant storage grant = _layout().grants[id];
        _enter(id, grant, GrantState.Expired);
        if (block.timestamp < grant.deadline) revert DeadlineNotPassed(id, grant.deadline);
        freed = _free(id, grant);
    }

    /// @inheritdoc IGrants
    function withdraw(uint256 id, address to) external returns (uint96 amount) {
        Grant storage grant = _requireRecipient(id);
        _requireAccount(to);
        amount = grant.withdrawable;
        if (amount == 0) revert NothingToWithdraw(id);

        grant.withdrawable = 0;
        emit GrantWithdrawn(id, to, amount);

        _pay(to, amount);
    }

    /// @inheritdoc IGrants
    function move(uint256 id, address to) external {
        Grant storage grant = _requireRecipient(id);
        _requireAccount(to);
        grant.recipient = to;
        emit GrantMoved(id, msg.sender, to);
    }

    /// @inheritdoc IGrants
    function setCommittee(uint64 committeeId, address member, uint96 budget, uint40 periodSeconds) external restricted {
        bool isValid = committeeId != 0 && member != address(0) && budget != 0 && periodSeconds != 0;
        if (!isValid) revert CommitteeInvalid(committeeId, member, budget, periodSeconds);

        Committee storage committee = _layout().committees[committeeId];
        uint40 time = uint40(block.timestamp);
        bool isKnown = committee.member != address(0);
        _setBucket(
            committee,
            isKnown
                ? _bucketOf(committee).change(time, budget, periodSeconds)
                : BudgetMath.Bucket({budget: budget, periodSeconds: periodSeconds, updatedAt: time, debt: 0})
        );
        committee.member = member;
        emit CommitteeSet(committeeId, member, budget, periodSeconds);
    }

    /// @inheritdoc IGrants
    function removeCommittee(uint64 committeeId) external restricted {
        Layout storage $ = _layout();
        if ($.committees[committeeId].member == address(0)) revert CommitteeUnknown(committeeId);
        delete $.committees[committeeId];
        emit CommitteeRemoved(committeeId);
    }

    /// @inheritdoc IGrants
    function grantCount() external view returns (uint256) {
        return _layout().grantCount;
    }

    /// @inheritdoc IGrants
    function grantOf(uint256 id) external view returns (Grant memory) {
        return _layout().grants[id];
    }

    /// @inheritdoc IGrants
    function tranchesOf(uint256 id) external view returns (uint96[] memory) {
        return _layout().tranches[id];
    }

    /// @inheritdoc IGrants
    function committeeOf(uint64 committeeId) external view returns (Committee memory) {
        return _layout().committees[committeeId];
    }

    /// @inheritdoc IGrants
    function spendableOf(uint64 committeeId) external view returns (uint96) {
        Committee storage committee = _layout().committees[committeeId];
        return committee.member == address(0) ? 0 : _bucketOf(committee).spendableAt(uint40(block.timestamp));
    }

    function _release(uint256 id, uint256 tranche, string calldata evidence) private returns (uint96 amount) {
        Grant storage grant = _open(id);
        if (block.timestamp >= grant.deadline) revert DeadlinePassed(id, grant.deadline);
        if (tranche >= grant.trancheCount) revert TrancheUnknown(id, tranche);
        // Below 32, so the shift stays within the bits.
        uint32 bit = uint32(1 << tranche);
        if (grant.releasedBits & bit != 0) revert TrancheAlreadyReleased(id, tranche);

        amount = _layout().tranches[id][tranche];
        grant.releasedBits |= bit;
        grant.unreleased -= amount;
        grant.withdrawable += amount;
        emit TrancheReleased(id, tranche, msg.sender, amount, evidence);
        // Every tranche is above 0, so nothing is left after the last one and only then.
        if (grant.unreleased == 0) {
            _enter(id, grant, GrantState.Completed);
            emit GrantEnded(id, GrantState.Completed, 0);
        }
    }

    function _spend(Committee storage committee, uint64 committeeId, uint96 amount) private {
        BudgetMath.Bucket memory bucket = _bucketOf(committee);
        uint40 time = uint40(block.timestamp);
        uint96 spendable = bucket.spendableAt(time);
        if (amount > spendable) revert BudgetShort(committeeId, amount, spendable);
        _setBucket(committee, bucket.spend(time, amount));
    }

    function _free(uint256 id, Grant storage grant) private returns (uint96 freed) {
        freed = grant.unreleased;
        grant.unreleased = 0;
        emit GrantEnded(id, grant.state, freed);

        _payBack(freed);
    }

    function _enter(uint256 id, Grant storage grant, GrantState state) private {
        if (!grant.state.mayBecome(state)) revert GrantNotOpen(id, grant.state);
        grant.state = state;
    }

    function _setBucket(Committee storage committee, BudgetMath.Bucket memory bucket) private {
        committee.budget = bucket.budget;
        committee.periodSeconds = bucket.periodSeconds;
        committee.updatedAt = bucket.updatedAt;
        committee.debt = bucket.debt;
    }

    function _open(uint256 id) private view returns (Grant storage grant) {
        grant = _layout().grants[id];
        if (grant.state != GrantState.Open) revert GrantNotOpen(id, grant.state);
    }

    function _requireRecipient(uint256 id) private view returns (Grant storage grant) {
        grant = _layout().grants[id];
        if (msg.sender != grant.recipient) revert NotRecipient(id, msg.sender, grant.recipient);
    }

    function _requireFuture(uint40 deadline) private view {
        if (deadline <= block.timestamp) revert DeadlineInvalid(deadline);
    }

    function _bucketOf(Committee storage committee) private view returns (BudgetMath.Bucket memory) {
        return
            BudgetMath.Bucket({
                budget: committee.budget,
                periodSeconds: committee.periodSeconds,
                updatedAt: committee.updatedAt,
                debt: committee.debt
            });
    }

    function _sum(uint96[] calldata tranches, string[] calldata milestones) private pure returns (uint96 total) {
        uint256 count = tranches.length;
        bool isValid = count != 0 && count <= TRANCHES_MAX && milestones.length == count;
        for (uint256 i = 0; isValid && i < count; ++i) {
            isValid = tranches[i] != 0;
            total += tranches[i];
        }
        if (!isValid) revert TranchesInvalid(tranches, milestones);
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
