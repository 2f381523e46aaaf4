// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {GrantState} from "./GrantStates.sol";
import {IProgramFunds} from "./IProgramFunds.sol";

/**
 * @title Grants: work paid by milestone
 * @notice A DIP opens a grant with its tranches, one for each milestone, and reserves all of them. A tranche is released,
 * in any order, by a DIP or by the committee that the grant names, and is then the recipient's: they withdraw it
 * whenever they like. Nothing is ever sent to them unasked, so they can't make a vote fail.
 *
 *     None --create--> Open --the last tranche is released--> Completed
 *                       |----clawBack-----------------------> ClawedBack
 *                       |----expire, after the deadline-----> Expired
 *
 * create, extend and clawBack are DIPs. From its deadline on nothing is released unless a DIP extends it first, and
 * anyone may let it expire. ClawedBack and Expired return to the treasury what was not released; what was, stays.
 *
 * A committee is one address, a multisig say, with a budget that refills evenly over a period: in any stretch of one
 * period it releases at most twice its budget, in any grants that name it. A DIP changes or removes it at once.
 */
interface IGrants is IProgramFunds {
    /// @param recipient May withdraw what is released, and move the grant.
    /// @param deadline Unix time from which nothing is released.
    /// @param state See the diagram.
    /// @param trancheCount 1 to 32.
    /// @param releasedBits Bit i is set when tranche i is released.
    /// @param unreleased Base units reserved for tranches to come; 0 when the grant has ended.
    /// @param withdrawable Base units released and not yet withdrawn.
    /// @param committeeId Who may release besides a DIP; 0 is nobody.
    // Two full slots; the linter takes the enum for a word.
    // solhint-disable-next-line gas-struct-packing
    struct Grant {
        address recipient;
        uint40 deadline;
        GrantState state;
        uint8 trancheCount;
        uint32 releasedBits;
        uint96 unreleased;
        uint96 withdrawable;
        uint64 committeeId;
    }

    /// @param member Who acts for it; the zero address where there is none.
    /// @param budget Base units it may release at once when it has rested for a period.
    /// @param periodSeconds In which nothing becomes a whole budget.
    /// @param updatedAt Unix time of its latest release or change.
    /// @param debt What was missing from the budget then, times `periodSeconds`.
    struct Committee {
        address member;
        uint96 budget;
        uint40 periodSeconds;
        uint40 updatedAt;
        uint136 debt;
    }

    event GrantCreated(
        uint256 indexed id,
        address indexed recipient,
        uint64 indexed committeeId,
        uint96[] tranches,
        string[] milestones,
        uint40 deadline,
        string purpose
    );
    /// @param by The DIP's executor or the committee's member.
    event TrancheReleased(
        uint256 indexed id,
        uint256 indexed tranche,
        address indexed by,
        uint96 amount,
        string evidence
    );
    event GrantWithdrawn(uint256 indexed id, address indexed to, uint96 amount);
    event GrantMoved(uint256 indexed id, address indexed from, address indexed to);
    event GrantExtended(uint256 indexed id, uint40 deadline);
    /// @param freed What went back to the treasury; 0 when it is Completed.
    event GrantEnded(uint256 indexed id, GrantState state, uint96 freed);
    event CommitteeSet(uint64 indexed committeeId, address indexed member, uint96 budget, uint40 periodSeconds);
    event CommitteeRemoved(uint64 indexed committeeId);

    error GrantNotOpen(uint256 id, GrantState state);
    /// @notice 1 to 32 tranches, each above 0, and a milestone in words for each.
    error TranchesInvalid(uint96[] tranches, string[] milestones);
    error TrancheUnknown(uint256 id, uint256 tranche);
    error TrancheAlreadyReleased(uint256 id, uint256 tranche);
    /// @notice A deadline lies in the future.
    error DeadlineInvalid(uint256 deadline);
    error DeadlinePassed(uint256 id, uint256 deadline);
    error DeadlineNotPassed(uint256 id, uint256 deadline);
    error NotRecipient(uint256 id, address account, address recipient);
    error NothingToWithdraw(uint256 id);
    /// @notice The grant names another committee or none, or that committee is removed or another address's.
    error NotCommittee(uint256 id, uint64 committeeId, address account);
    error CommitteeUnknown(uint64 committeeId);
    /// @notice Number, member, budget and period of a committee are not zero.
    error CommitteeInvalid(uint64 committeeId, address member, uint96 budget, uint40 periodSeconds);
    error BudgetShort(uint64 committeeId, uint256 amount, uint256 spendable);

    /**
     * @notice Opens a grant. Restricted.
     * @param tranches Base units of each; all of them have to be available.
     * @param milestones What each is paid for, in words; kept in the event.
     * @param committeeId A committee that exists, or 0.
     * @param deadline Unix time in the future.
     * @param purpose What for, in words; kept in the event.
     * @return id Counted from 1.
     */
    function create(
        address recipient,
        uint96[] calldata tranches,
        string[] calldata milestones,
        uint64 committeeId,
        uint40 deadline,
        string calldata purpose
    ) external returns (uint256 id);

    /// @notice Releases a tranche by vote. Restricted.
    /// @param tranche Counted from 0.
    /// @param evidence In words or as a link; kept in the event.
    function release(uint256 id, uint256 tranche, string calldata evidence) external;

    /// @notice Releases a tranche out of a committee's budget. The member's of the committee that the grant names.
    function releaseByCommittee(uint256 id, uint256 tranche, string calldata evidence) external;

    /// @notice Moves the deadline of an Open grant, even one that has passed. Restricted.
    function extend(uint256 id, uint40 deadline) external;

    /// @notice Ends an Open grant. Restricted.
    /// @return freed Base units that went back to the treasury.
    function clawBack(uint256 id) external returns (uint96 freed);

    /// @notice Ends an Open grant whose deadline has passed. Anyone's.
    /// @return freed Base units that went back to the treasury.
    function expire(uint256 id) external returns (uint96 freed);

    /// @notice Pays everything that is released and not yet withdrawn. The recipient's; in any state.
    /// @param to Who gets it: anyone the recipient names.
    function withdraw(uint256 id, address to) external returns (uint96 amount);

    /// @notice Hands the grant with everything in it to another address. The recipient's.
    function move(uint256 id, address to) external;

    /**
     * @notice Sets up a committee, or changes one. Restricted. A new one begins with its whole budget; one that is changed
     * still lacks what it has spent and not regained.
     */
    function setCommittee(uint64 committeeId, address member, uint96 budget, uint40 periodSeconds) external;

    /// @notice Removes a committee; its grants can then be released by DIP only. Restricted.
    function removeCommittee(uint64 committeeId) external;

    function grantCount() external view returns (uint256);

    function grantOf(uint256 id) external view returns (Grant memory);

    /// @return Base units of each tranche.
    function tranchesOf(uint256 id) external view returns (uint96[] memory);

    function committeeOf(uint64 committeeId) external view returns (Committee memory);

    /// @notice What a committee may release now; 0 where there is none.
    function spendableOf(uint64 committeeId) external view returns (uint96);
}
