// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Governed} from "../common/Governed.sol";
import {IBounties} from "./IBounties.sol";

/// @title Bounties for decoders of vehicle platforms
contract Bounties is IBounties, Governed {
    using SafeERC20 for IERC20;

    uint40 public constant LIFETIME_SECONDS_MIN = 30 days;

    /// @custom:storage-location erc7201:dimo.storage.Bounties
    struct Layout {
        IERC20 token;
        uint40 lifetimeSeconds;
        mapping(bytes32 platform => uint256) roundCounts;
        mapping(bytes32 platform => mapping(uint256 round => Round)) rounds;
        mapping(bytes32 platform => mapping(uint256 round => mapping(address funder => uint256))) contributions;
        mapping(bytes32 commitment => uint256 blockNumber) commitments;
        mapping(bytes32 platform => mapping(bytes32 contentHash => Work)) works;
    }

    // keccak256(abi.encode(uint256(keccak256("dimo.storage.Bounties")) - 1)) & ~bytes32(uint256(0xff))
    bytes32 private constant LAYOUT_SLOT = 0xf31cc1cb96caeaac129ab9f21ea2423a54149bb92f19af73d264747aa9f66c00;

    /// @param authority_ AccessManager.
    /// @param token_ ERC-20 in which bounties are paid.
    function initialize(address authority_, address token_) external initializer {
        __Governed_init(authority_);
        _layout().token = IERC20(token_);
        _setLifetime(365 days);
    }

    /// @inheritdoc IBounties
    function fund(bytes32 platform, uint128 amount) external {
        if (platform == 0) revert PlatformInvalid(platform);
        if (amount == 0) revert AmountInvalid(amount);
        Layout storage $ = _layout();
        uint256 number = $.roundCounts[platform];
        Round storage round = $.rounds[platform][number];
        if (!_isOpen(round)) {
            number = ++$.roundCounts[platform];
            round = $.rounds[platform][number];
            round.endsAt = uint40(block.timestamp) + $.lifetimeSeconds;
        }
        round.total += amount;
        $.contributions[platform][number][msg.sender] += amount;
        emit BountyFunded(platform, number, msg.sender, amount);
        $.token.safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @inheritdoc IBounties
    function commit(bytes32 commitment) external {
        Layout storage $ = _layout();
        // Who copies a pending commitment only sends it for its author, who is part of it.
        if ($.commitments[commitment] != 0) revert CommitmentKnown(commitment);
        $.commitments[commitment] = block.number;
        emit WorkCommitted(commitment, msg.sender);
    }

    /// @inheritdoc IBounties
    function reveal(bytes32 platform, bytes32 contentHash, address author, bytes32 salt) external {
        Layout storage $ = _layout();
        bytes32 commitment = commitmentOf(platform, contentHash, author, salt);
        uint256 blockNumber = $.commitments[commitment];
        if (blockNumber == 0) revert CommitmentUnknown(commitment);
        if (block.number <= blockNumber) revert CommitmentTooRecent(commitment, blockNumber);
        Work storage work = $.works[platform][contentHash];
        if (work.author != address(0) && work.blockNumber <= blockNumber) {
            revert WorkAlreadyRevealed(platform, contentHash, work.author);
        }
        work.author = author;
        work.blockNumber = uint48(blockNumber);
        emit WorkRevealed(platform, contentHash, author);
    }

    /// @inheritdoc IBounties
    function award(
        bytes32 platform,
        bytes32 contentHash,
        address payee,
        uint256 amountMin
    ) external restricted returns (uint256 amount) {
        Layout storage $ = _layout();
        if (payee == address(0)) revert PayeeInvalid(payee);
        if ($.works[platform][contentHash].author == address(0)) revert WorkNotRevealed(platform, contentHash);
        amount = balanceOf(platform);
        if (amount == 0) revert NothingToAward(platform);
        if (amount < amountMin) revert BountyBelowMinimum(platform, amount, amountMin);
        uint256 number = $.roundCounts[platform];
        $.rounds[platform][number].awarded = true;
        emit BountyAwarded(platform, number, contentHash, payee, amount);
        $.token.safeTransfer(payee, amount);
    }

    /// @inheritdoc IBounties
    function refund(bytes32 platform, uint256 round, address funder) external {
        Layout storage $ = _layout();
        Round storage record = $.rounds[platform][round];
        if (record.awarded || block.timestamp < record.endsAt) revert RefundsClosed(platform, round, record.endsAt);
        uint256 amount = $.contributions[platform][round][funder];
        if (amount == 0) revert NothingToRefund(platform, round, funder);
        delete $.contributions[platform][round][funder];
        // Contributions sum to the total, so each is at most what is left of it.
        record.total -= uint128(amount);
        emit BountyRefunded(platform, round, funder, amount);
        $.token.safeTransfer(funder, amount);
    }

    /// @inheritdoc IBounties
    function setLifetime(uint40 lifetimeSeconds_) external restricted {
        _setLifetime(lifetimeSeconds_);
    }

    /// @inheritdoc IBounties
    function roundCount(bytes32 platform) external view returns (uint256) {
        return _layout().roundCounts[platform];
    }

    /// @inheritdoc IBounties
    function roundOf(bytes32 platform, uint256 round) external view returns (Round memory) {
        return _layout().rounds[platform][round];
    }

    /// @inheritdoc IBounties
    function contributionOf(bytes32 platform, uint256 round, address funder) external view returns (uint256) {
        return _layout().contributions[platform][round][funder];
    }

    /// @inheritdoc IBounties
    function workOf(bytes32 platform, bytes32 contentHash) external view returns (Work memory) {
        return _layout().works[platform][contentHash];
    }

    /// @inheritdoc IBounties
    function lifetimeSeconds() external view returns (uint40) {
        return _layout().lifetimeSeconds;
    }

    /// @notice ERC-20 in which bounties are paid.
    function token() external view returns (address) {
        return address(_layout().token);
    }

    /// @inheritdoc IBounties
    function balanceOf(bytes32 platform) public view returns (uint256) {
        Layout storage $ = _layout();
        Round storage round = $.rounds[platform][$.roundCounts[platform]];
        return _isOpen(round) ? round.total : 0;
    }

    /// @inheritdoc IBounties
    function commitmentOf(
        bytes32 platform,
        bytes32 contentHash,
        address author,
        bytes32 salt
    ) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), platform, contentHash, author, salt));
    }

    function _setLifetime(uint40 lifetimeSeconds_) private {
        if (lifetimeSeconds_ < LIFETIME_SECONDS_MIN) revert LifetimeInvalid(lifetimeSeconds_);
        _layout().lifetimeSeconds = lifetimeSeconds_;
        emit LifetimeSet(lifetimeSeconds_);
    }

    function _isOpen(Round storage round) private view returns (bool) {
        return !round.awarded && block.timestamp < round.endsAt;
    }

    function _layout() private pure returns (Layout storage $) {
        assembly ("memory-safe") {
            $.slot := LAYOUT_SLOT
        }
    }
}
