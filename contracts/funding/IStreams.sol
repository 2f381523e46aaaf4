// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IProgramFunds} from "./IProgramFunds.sol";

/**
 * @title Streams: pay that accrues by the second
 * @notice A DIP creates a stream; its total accrues evenly from start to end, and nothing of it before the cliff. What has
 * accrued is the recipient's, whatever is voted later, until they withdraw it. Only they withdraw, so nobody decides for
 * them when they are paid; and nothing is ever sent to them unasked, so they can't make a vote fail.
 *
 *     None --create--> Live --cancel--> Cancelled
 *                      | ^
 *                      change
 *
 * create, change and cancel are DIPs. A Live stream past its end has all of its total accrued; a change may still
 * prolong it. Whoever executes a DIP chooses its second within some days, and what has accrued then counts.
 */
interface IStreams is IProgramFunds {
    enum State {
        None,
        Live,
        Cancelled
    }

    /// @param recipient May withdraw and move the stream.
    /// @param withdrawn Base units already paid.
    /// @param total Base units accrued at the end, `settled` included.
    /// @param start Unix time from which `total - settled` accrues evenly.
    /// @param cliff Unix time before which none of that counts.
    /// @param end Unix time from which the total has accrued.
    /// @param isSettled Whether `settled` is above 0.
    /// @param settled What had accrued at the latest change.
    struct Stream {
        address recipient;
        uint96 withdrawn;
        uint96 total;
        uint40 start;
        uint40 cliff;
        uint40 end;
        State state;
        bool isSettled;
        uint96 settled;
    }

    event StreamCreated(
        uint256 indexed id,
        address indexed recipient,
        uint96 total,
        uint40 start,
        uint40 cliff,
        uint40 end,
        string purpose
    );
    event StreamWithdrawn(uint256 indexed id, address indexed to, uint256 amount);
    /// @param settled What has accrued up to now, and is part of the total.
    /// @param freed What went back to the treasury.
    event StreamChanged(uint256 indexed id, uint96 settled, uint96 total, uint40 end, uint96 freed);
    /// @param accrued What is or was the recipient's in all.
    /// @param freed What went back to the treasury.
    event StreamCancelled(uint256 indexed id, uint96 accrued, uint96 freed);
    event StreamMoved(uint256 indexed id, address indexed from, address indexed to);

    /// @notice The function needs another state.
    error StreamStateInvalid(uint256 id, State state);
    error TotalInvalid(uint256 total);
    /// @notice Times ascend: start, cliff, end, the end later than the start; after a change it lies in the future.
    error TimesInvalid(uint256 start, uint256 cliff, uint256 end);
    error NotRecipient(uint256 id, address account, address recipient);
    error AmountInvalid(uint256 id, uint256 amount, uint256 withdrawable);

    /**
     * @notice Promises a stream. Restricted.
     * @param total Base units, above 0, at most what is available.
     * @param start Unix time; it may lie in the past, and what has accrued since may be withdrawn at once.
     * @param purpose What for, in words; kept in the event.
     * @return id Counted from 1.
     */
    function create(
        address recipient,
        uint96 total,
        uint40 start,
        uint40 cliff,
        uint40 end,
        string calldata purpose
    ) external returns (uint256 id);

    /**
     * @notice Changes what a Live stream pays and until when. Restricted. What has accrued by now stays; the rest of the
     * new total accrues from now to the new end (before the cliff: from the start, with the same cliff). More than
     * before has to be available; less than before frees the difference to the treasury.
     * @param total Base units in all; less than what has accrued means what has accrued.
     * @param end Unix time in the future.
     */
    function change(uint256 id, uint96 total, uint40 end) external;

    /// @notice Ends a Live stream. Restricted. What has accrued stays withdrawable; the rest goes back to the treasury.
    /// @return freed Base units that went back.
    function cancel(uint256 id) external returns (uint96 freed);

    /// @notice Pays a part of what has accrued. The recipient's.
    /// @param to Who gets it: anyone the recipient names.
    /// @param amount Base units, 1 to `withdrawableOf(id)`.
    function withdraw(uint256 id, address to, uint96 amount) external;

    /// @notice Pays everything that has accrued and was not paid yet. The recipient's.
    /// @return amount Base units, above 0.
    function withdrawAll(uint256 id, address to) external returns (uint96 amount);

    /// @notice Hands the stream with everything in it to another address. The recipient's; at any time, and at once.
    function move(uint256 id, address to) external;

    function streamCount() external view returns (uint256);

    function streamOf(uint256 id) external view returns (Stream memory);

    /// @notice What will have accrued at a time in the future, or had at one in the past, as terms stand now. Times before
    /// the latest change give what had accrued by then.
    function accruedOf(uint256 id, uint256 time) external view returns (uint96);

    /// @notice What the recipient may withdraw now.
    function withdrawableOf(uint256 id) external view returns (uint96);
}
